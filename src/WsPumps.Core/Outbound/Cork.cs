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

    public static void Begin(OutboundQueue queue) => (queue.OuterCork, _innermost) = (_innermost, queue);

    /// <returns>False where the thread does not hold that queue.</returns>
    public static bool TryEnd(OutboundQueue queue)
    {
        if (_innermost != queue)
            return false;

        (_innermost, queue.OuterCork) = (queue.OuterCork, null);
        return true;
    }
}
