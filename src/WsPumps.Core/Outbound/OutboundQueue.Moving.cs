namespace WsPumps.Outbound;

/// <content>What a session does with the queue that moves to another process.</content>
internal sealed partial class OutboundQueue
{
    /// <summary>Whether a message that is streamed has a place here.</summary>
    public bool IsStreaming
    {
        get
        {
            using (_lock.Enter())
                return !_state.Streamed.IsEmpty;
        }
    }

    /// <summary>Accepts nothing more and gives away what waits. Who waits for room is told that the message was accepted.</summary>
    /// <param name="taken">How many messages the pump has taken in all.</param>
    public List<QueuedMessage> TakeOut(out long taken)
    {
        var effects = default(QueueEffects);
        WaitingWrites waiting;
        QueuedMessages messages;
        TaskCompletionSource<bool>? drained;
        using (_lock.Enter())
            (waiting, messages, drained) = _state.TakeOut(this, ref effects, out taken);

        Publish(effects);
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
    /// <param name="earlier">What waited elsewhere.</param>
    /// <param name="isRepeated">Whether a message that waits here is among that. Called under the lock.</param>
    public void PutBefore(IReadOnlyList<QueuedMessage> earlier, Func<PreparedMessage, bool> isRepeated)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
            _state.PutBefore(earlier, isRepeated, ref effects);
        Publish(effects);
    }
}
