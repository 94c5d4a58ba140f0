using WsPumps.Diagnostics;

namespace WsPumps.Broadcasting;

/// <summary>Counts what becomes of the queued copies of one message. Safe for concurrent use.</summary>
internal sealed class DeliveryTracker
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(24);

    /// <summary>Copies are settled before it is known how many there are; until then the number of open ones stays above zero.</summary>
    private const int NotCountedYet = 1 << 30;

    private readonly TaskCompletionSource _allSettled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = NotCountedYet;
    private int _handedOver;
    private int _discarded;

    private static void Validate(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan && (timeout < TimeSpan.Zero || timeout > MaxTimeout))
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout,
                $"The time to wait for delivery is {timeout}; it must be between zero and {MaxTimeout}, or infinite.");
        }
    }

    /// <summary>Writes the message, and waits until it is known what became of each copy.</summary>
    public static Task<DeliveryResult> DeliverAsync(
        Func<PreparedMessage, BroadcastResult> write, PreparedMessage message, TimeSpan timeout, TimeProvider time,
        CancellationToken cancellationToken)
    {
        Validate(timeout);
        var tracker = new DeliveryTracker();
        return tracker.WaitAsync(write(message.Tracked(tracker.Settle)), timeout, time, cancellationToken);
    }

    /// <summary>The same for one client.</summary>
    public static async Task<WriteResult> DeliverAsync(IClient client, PreparedMessage message, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var written = WriteResult.Unknown;
        var delivered = await DeliverAsync(
            tracked => default(BroadcastResult).With(written = client.Write(tracked)), message, timeout, client.TimeProvider,
            cancellationToken).ConfigureAwait(false);
        return written is not WriteResult.Queued ? written
            : delivered.Delivered > 0 ? WriteResult.Sent
            : delivered.Dropped > 0 ? WriteResult.Dropped
            : WriteResult.Queued;
    }

    /// <summary>
    /// Called once for each queued copy: true when it was written, false when it was discarded, evicted or failed. Never blocks.
    /// </summary>
    public void Settle(bool handedOver)
    {
        Interlocked.Increment(ref handedOver ? ref _handedOver : ref _discarded);
        if (Interlocked.Decrement(ref _open) == 0)
            _allSettled.TrySetResult();
    }

    /// <summary>Completes when all queued copies are settled, or when the time is over.</summary>
    /// <param name="written">What became of the message at once.</param>
    /// <param name="timeout">From now on.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Ends the waiting with an exception.</param>
    public async Task<DeliveryResult> WaitAsync(BroadcastResult written, TimeSpan timeout, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (Interlocked.Add(ref _open, written.Queued - NotCountedYet) == 0)
            _allSettled.TrySetResult();

        try
        {
            await CountedWork.Until(time, _allSettled.Task).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // An ordinary end: what is still open is reported as pending.
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
