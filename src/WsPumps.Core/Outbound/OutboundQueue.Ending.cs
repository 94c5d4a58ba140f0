namespace WsPumps.Outbound;

/// <content>How the queue is emptied otherwise than by being written.</content>
internal sealed partial class OutboundQueue
{
    /// <summary>Drops the oldest messages, except newest values of keys, until <paramref name="bytes"/> are free.</summary>
    /// <returns>False when it could drop none of those that are here.</returns>
    public bool TryShed(long bytes)
    {
        var effects = default(QueueEffects);
        var freed = 0L;
        var (isStuck, hasMore) = (false, false);
        do
        {
            using (_lock.Enter())
            {
                for (var i = 0; i < MaxAtOnce && freed < bytes && _messages.Count > 0; i++)
                {
                    var message = _messages.Dequeue().Message;
                    freed += message.Length;
                    Drop(message, DropReason.OverBudget, ref effects);
                }

                hasMore = freed < bytes && _messages.Count > 0;
                isStuck = freed == 0 && Count > 0;
                Changed(ref effects);
            }
        }
        while (hasMore);

        Publish(effects);
        return !isStuck;
    }

    /// <summary>Accepts nothing more. The pump still gets what is queued, unless it is discarded.</summary>
    public void Complete(bool discard)
    {
        var effects = default(QueueEffects);
        var (messages, keyed) = (default(MessageList), default(KeyedMessages));
        StreamedMessage? streamed = null;
        WaitingWrites waiting;
        TaskCompletionSource<bool>? drained;
        using (_lock.Enter())
        {
            _completed = true;
            (waiting, _waiting) = (_waiting, default);
            (drained, _drained) = (_drained, null);
            if (discard)
            {
                _unsent = (_unsent.Messages + Count, _unsent.Bytes + Bytes);
                streamed = DiscardStreamed();
                (messages, keyed, _keyed) = (_messages.TakeAll(), _keyed, null);
            }

            WakePump(ref effects);
            Changed(ref effects);
        }

        Publish(effects);
        while (waiting.First is { } write)
        {
            waiting.Remove(write);
            write.Complete(WriteResult.Closed);
        }

        streamed?.Room.Set(true);
        drained?.TrySetResult(false);
        while (messages.Count > 0)
            messages.Dequeue().Message.Settle(handedOver: false);
        while (keyed is { Count: > 0 })
            keyed.Dequeue().Message.Settle(handedOver: false);
    }

    /// <summary>Nobody reads any more: what is left is unsent, and nobody holds on to the queue.</summary>
    public void End()
    {
        Complete(discard: true);
        budget?.Unwatch();
    }
}
