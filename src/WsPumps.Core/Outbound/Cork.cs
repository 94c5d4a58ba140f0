namespace WsPumps.Outbound;

/// <summary>
/// The queues whose pumps this thread is about to run itself: what it writes there, while it handles what it has read, need not wake them.
/// Whatever other threads write does.
/// </summary>
internal static class Cork
{
    [ThreadStatic]
    private static OutboundQueue? _innermost;

    public static bool Holds(OutboundQueue queue) => _innermost == queue;

    /// <summary>What this thread writes there until <see cref="End"/> does not wake the pump.</summary>
    public static void Begin(OutboundQueue queue) => (queue.OuterCork, _innermost) = (_innermost, queue);

    /// <summary>Without effect where the thread does not hold that queue.</summary>
    /// <returns>Whether there is something to write and the pump rests: the caller has its turn.</returns>
    public static bool End(OutboundQueue queue)
    {
        if (_innermost != queue)
            return false;

        (_innermost, queue.OuterCork) = (queue.OuterCork, null);
        // A look without the lock: what this thread has written it sees, and what others have written woke the pump.
        return (queue.HasCorked || queue.IsCompleted) && queue.TryEndRest();
    }
}
