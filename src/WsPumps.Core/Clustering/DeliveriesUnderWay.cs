namespace WsPumps.Clustering;

/// <summary>
/// Who delivers a message of the cluster to clients of this node. A session that moves has to know when those are done that have begun
/// before it looked. Made only where sessions move.
/// </summary>
internal sealed class DeliveriesUnderWay
{
    private readonly Lock _lock = new();
    private Round _round = new(Task.CompletedTask);
    private int _tagging;

    /// <summary>Whether messages get a <see cref="Outbound.DeliveryTag"/>. To be asked within a delivery.</summary>
    public bool AreTagged => Volatile.Read(ref _tagging) > 0;

    public void BeginTagging() => Interlocked.Increment(ref _tagging);

    public void EndTagging() => Interlocked.Decrement(ref _tagging);

    /// <summary>A delivery begins. Its end is told to what is returned.</summary>
    public Round Begin()
    {
        while (true)
        {
            var round = Volatile.Read(ref _round);
            if (round.TryEnter())
                return round;
        }
    }

    /// <summary>Completes when every delivery is done that has begun before this call.</summary>
    public Task WhenEarlierEndedAsync()
    {
        Round earlier;
        lock (_lock)
        {
            earlier = _round;
            Volatile.Write(ref _round, new Round(earlier.WhenEnded));
        }

        earlier.End();
        return earlier.WhenEnded;
    }

    /// <summary>Deliveries that have begun between two of those who wait.</summary>
    internal sealed class Round(Task earlier)
    {
        private readonly Task _earlier = earlier.IsCompleted ? Task.CompletedTask : earlier;
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>One for being the latest round.</summary>
        private int _count = 1;

        public Task WhenEnded => _earlier.IsCompleted ? _ended.Task : Task.WhenAll(_earlier, _ended.Task);

        public bool TryEnter()
        {
            while (Volatile.Read(ref _count) is var count and > 0)
            {
                if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
                    return true;
            }

            return false;
        }

        public void End()
        {
            if (Interlocked.Decrement(ref _count) == 0)
                _ended.TrySetResult();
        }
    }
}
