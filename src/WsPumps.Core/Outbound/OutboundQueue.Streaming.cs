namespace WsPumps.Outbound;

/// <content>What the writer of a message that is streamed does with the queue.</content>
internal sealed partial class OutboundQueue
{
    /// <inheritdoc cref="StreamSlot.IsWithinMessage"/>
    public bool IsWithinMessage
    {
        get
        {
            using (_lock.Enter())
                return _state.Streamed.IsWithinMessage;
        }
    }

    /// <inheritdoc cref="StreamSlot.AwaitsFragments"/>
    public bool AwaitsFragments
    {
        get
        {
            using (_lock.Enter())
                return _state.Streamed.AwaitsFragments;
        }
    }

    /// <inheritdoc cref="OutboundState.Open"/>
    public StreamOpening Open(StreamedMessage message)
    {
        using (_lock.Enter())
            return _state.Open(message);
    }

    /// <inheritdoc cref="OutboundState.TryAdd"/>
    public bool TryAdd(StreamedMessage message, PreparedMessage fragment, bool always)
    {
        var effects = default(QueueEffects);
        bool added;
        using (_lock.Enter())
            added = _state.TryAdd(message, fragment, always, this, ref effects);
        Publish(effects);
        return added;
    }

    /// <summary>Waits until fewer than so many fragments are here or being written, or the message is over.</summary>
    /// <returns>False when it was ended by <see cref="StopWaiting"/>.</returns>
    public ValueTask<bool> WaitAsync(StreamedMessage message, int below)
    {
        using (_lock.Enter())
            return message.TryWait(below) ? message.Room.Prepare() : new ValueTask<bool>(true);
    }

    public void StopWaiting(StreamedMessage message)
    {
        bool waits;
        using (_lock.Enter())
            waits = message.TryRelease(always: true);
        if (waits)
            message.Room.Set(false);
    }

    /// <summary>The message is given up.</summary>
    /// <inheritdoc cref="StreamSlot.TryTakeBack"/>
    public bool TryTakeBack(StreamedMessage message)
    {
        var effects = default(QueueEffects);
        bool taken;
        using (_lock.Enter())
            taken = _state.TryTakeBack(message, this, ref effects);
        Publish(effects);
        return taken;
    }
}
