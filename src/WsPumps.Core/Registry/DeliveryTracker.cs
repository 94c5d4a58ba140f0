namespace WsPumps.Registry;

/// <summary>Counts what becomes of the queued copies of one message. Safe for concurrent use.</summary>
internal sealed class DeliveryTracker
{
    private static readonly TimeSpan MaxDeadline = TimeSpan.FromDays(24);

    /// <summary>Copies are settled before it is known how many there are; until then the number of open ones stays above zero.</summary>
    private const int NotCountedYet = 1 << 30;

    private readonly TaskCompletionSource _allSettled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = NotCountedYet;
    private int _handedOver;
    private int _discarded;

    public static void ValidateDeadline(TimeSpan deadline)
    {
        if (deadline != Timeout.InfiniteTimeSpan && (deadline < TimeSpan.Zero || deadline > MaxDeadline))
            throw new ArgumentOutOfRangeException(nameof(deadline), deadline, $"A deadline is zero to {MaxDeadline}, or infinite.");
    }

    /// <summary>Called once for each queued copy: true when it was written, false when it was discarded, evicted or failed. Never blocks.</summary>
    public void Settle(bool handedOver)
    {
        Interlocked.Increment(ref handedOver ? ref _handedOver : ref _discarded);
        if (Interlocked.Decrement(ref _open) == 0)
            _allSettled.TrySetResult();
    }

    /// <summary>Completes when all queued copies are settled, or at the deadline.</summary>
    /// <param name="written">What became of the message at once.</param>
    /// <param name="deadline">From now on.</param>
    /// <param name="time">The clock of the deadline.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    public async Task<DeliveryResult> WaitAsync(BroadcastResult written, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Interlocked.Add(ref _open, written.Queued - NotCountedYet) == 0)
            _allSettled.TrySetResult();

        try
        {
            await _allSettled.Task.WaitAsync(deadline, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The deadline is an ordinary end: what is still open is reported as pending.
        }

        var (handedOver, discarded) = (Volatile.Read(ref _handedOver), Volatile.Read(ref _discarded));
        // A wrapper may queue a copy more often than once; that makes nothing less than none pending.
        return new DeliveryResult
        {
            Delivered = handedOver,
            Dropped = written.Dropped + discarded,
            Closed = written.Closed,
            Pending = Math.Max(0, written.Queued - handedOver - discarded),
        };
    }
}
