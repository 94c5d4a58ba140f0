using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <content>
/// The message that is streamed to the client, if there is one. It has its place among the others; once it has begun, nothing but control
/// frames comes between its fragments.
/// </content>
internal sealed partial class OutboundQueue
{
    private StreamedMessage? _streamed;
    private StreamedMessage? _streamedInFlight;

    /// <summary>Whether a message has begun to be sent and has not been sent whole.</summary>
    public bool IsWithinMessage
    {
        get
        {
            using (_lock.Enter())
                return _streamed is { HasBegun: true } || _streamedInFlight is not null;
        }
    }

    /// <summary>Whether the end of the message is up to the application.</summary>
    public bool AwaitsFragments
    {
        get
        {
            using (_lock.Enter())
                return _streamed is { IsComplete: false };
        }
    }

    /// <summary>Gives the message its place: what was queued before goes first, and what is queued from now on waits for its end.</summary>
    public StreamOpening Open(StreamedMessage message)
    {
        using (_lock.Enter())
        {
            if (_completed)
                return StreamOpening.Closed;
            if (_streamed is not null)
                return StreamOpening.Busy;

            message.GoesBefore = _messages.TailNumber;
            _streamed = message;
            return StreamOpening.Opened;
        }
    }

    /// <param name="message">The message.</param>
    /// <param name="fragment">What comes next of it.</param>
    /// <param name="always">Whether it is taken also where there is no room.</param>
    /// <returns>False when there is no room, or the message is over.</returns>
    public bool TryAdd(StreamedMessage message, PreparedMessage fragment, bool always)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
        {
            if (_streamed != message || !(always || message.HasRoom))
                return false;

            message.Add(fragment);
            WakePump(ref effects);
        }

        Publish(effects);
        return true;
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
    /// <returns>False when a part of it has been added: what has begun cannot be taken back.</returns>
    public bool TryTakeBack(StreamedMessage message)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
        {
            if (_streamed != message || message.HasBegun || message.Count > 0)
                return false;

            message.End();
            _streamed = null;
            WakePump(ref effects);
        }

        Publish(effects);
        return true;
    }

    private bool HasNextOf(StreamedMessage streamed) => streamed.Count > 0 || !IsNext(streamed);

    /// <summary>Whether nothing that was queued goes before it.</summary>
    private bool IsNext(StreamedMessage streamed) => streamed.HasBegun
        || (_messages.HeadNumber >= streamed.GoesBefore && _keyed?.IsNextBefore(streamed.GoesBefore) is not true);

    private void TakeFragments(StreamedMessage streamed, Batch batch)
    {
        while (IsNext(streamed) && streamed.TryPeek(out var fragment) && batch.HasRoomFor(fragment))
        {
            streamed.Take();
            _streamedInFlight = streamed;
            batch.Add(fragment);
            // What comes behind its end waits for the next turn: then there is one such message in a batch at most.
            if (!fragment.IsPartial)
                _streamed = null;
            if (_streamed is null)
                return;
        }
    }

    /// <returns>The message whose writer is to be told.</returns>
    private StreamedMessage? FragmentsLeft(StreamedMessage streamed, bool sent)
    {
        _streamedInFlight = null;
        streamed.Left();
        if (!sent)
            Discard(streamed);
        return streamed.TryRelease() ? streamed : null;
    }

    /// <returns>The message whose writer is to be told.</returns>
    private StreamedMessage? DiscardStreamed()
    {
        if (_streamed is not { } streamed)
            return null;

        Discard(streamed);
        return streamed.TryRelease() ? streamed : null;
    }

    private void Discard(StreamedMessage streamed)
    {
        if (_streamed == streamed)
        {
            _unsent = (_unsent.Messages + 1, _unsent.Bytes + streamed.Bytes);
            _streamed = null;
        }

        foreach (var fragment in streamed.End())
            FramePool.Return(fragment);
    }
}
