namespace WsPumps.Outbound;

/// <summary>How what waits moves from the queue of one process to that of another.</summary>
internal static class QueueMove
{
    /// <summary>Accepts nothing more and gives away what waits. Who waits for room is told that the message was accepted.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="taken">How many messages the pump has taken in all.</param>
    public static List<QueuedMessage> TakeOut(OutboundQueue queue, out long taken)
    {
        var (waiting, messages, drained, count) = queue.Do(
            static (queue, ref state, _, ref effects) => state.TakeOut(queue, ref effects), 0);
        taken = count;
        var all = new List<QueuedMessage>(messages.Count + waiting.Count);
        while (messages.Count > 0)
        {
            all.Add(messages.Peek());
            messages.Dequeue().Settle(handedOver: false);
        }

        while (waiting.First is { } write)
        {
            all.Add(new QueuedMessage(write.Message, write.ExpiresAt));
            waiting.Remove(write);
            write.Complete(WriteResult.Queued);
        }

        drained?.TrySetResult(false);
        return all;
    }

    /// <summary>Puts what waited elsewhere before what waits here, whatever the bounds say. Before the pump reads.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="earlier">What waited elsewhere.</param>
    /// <param name="isRepeated">Whether a message that waits here is among that. Called under the lock.</param>
    public static void PutBefore(OutboundQueue queue, IReadOnlyList<QueuedMessage> earlier, Func<PreparedMessage, bool> isRepeated) =>
        queue.Do(
            static (_, ref state, argument, ref effects) =>
            {
                state.PutBefore(argument.Earlier, argument.IsRepeated, ref effects);
                return true;
            },
            (Earlier: earlier, IsRepeated: isRepeated));
}
