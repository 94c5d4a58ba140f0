namespace WsPumps.Outbound;

/// <summary>All that the lock of an <see cref="OutboundQueue"/> guards: what waits, and whether the pump is at it.</summary>
/// <remarks>
/// A mutable struct. Each method is one brief step under the lock: what else is to be done comes back as <see cref="QueueEffects"/>.
/// </remarks>
internal struct OutboundState(OutboundBounds bounds, QueueEvents events, QueueBudget? budget)
{
    private OutboundFrames _frames = new(bounds, events);
    private DeliveryCounters _deliveries;
    private BudgetShare _share = new(budget);
    private TaskCompletionSource<bool>? _drained;
    private bool _rests;

    public bool IsCompleted { get; private set; }

    /// <summary>Whether the high watermark was reached, and the low one not yet again.</summary>
    public bool IsHigh { get; private set; }

    public OutboundBounds Bounds => _frames.Messages.Bounds;

    public QueueEvents Events => _frames.Messages.Events;

    public readonly QueueBudget? Budget => _share.Budget;

    /// <inheritdoc cref="BudgetShare.ProgressAt"/>
    public long ProgressAt => _share.ProgressAt;

    /// <summary>Whether there are frames for a pump that rests: they are corked.</summary>
    public bool HasCorked => Volatile.Read(ref _rests) && _frames.HasAny;

    /// <summary>Whether it still accepts messages, and all that it held was handed over.</summary>
    public bool IsDrained => !IsCompleted && _rests && !_frames.HasAny && _frames.Streamed.IsEmpty;

    public OutboundCounters Counters => OutboundCounters.Of(_frames.Messages, _frames.Streamed, _deliveries);

    /// <summary>Whether no message waits for the pump.</summary>
    public bool IsEmpty => _frames.Messages.Count == 0;

    /// <summary>The message that is streamed.</summary>
    public StreamSlot Streamed => _frames.Streamed;

    /// <inheritdoc cref="BoundedMessages.TakeDrops"/>
    public void TakeDrops(Span<long> sums) => _frames.Messages.TakeDrops(sums);

    /// <inheritdoc cref="BoundedMessages.TryAccept"/>
    public bool TryAccept(in QueuedMessage item, OutboundQueue queue, ref QueueEffects effects, out WriteResult result)
    {
        result = WriteResult.Closed;
        if (IsCompleted)
            return true;
        if (!_frames.Messages.TryAccept(item, ref effects, out result))
            return false;

        if (result is WriteResult.Queued)
            WakePump(queue, ref effects);
        Changed(ref effects);
        return true;
    }

    /// <inheritdoc cref="BoundedMessages.AcceptOrWait"/>
    public WriteResult AcceptOrWait(in QueuedMessage item, OutboundQueue queue, ref QueueEffects effects, out WaitingWrite? waiting)
    {
        waiting = null;
        if (IsCompleted)
            return WriteResult.Closed;

        var result = _frames.Messages.AcceptOrWait(item, queue, ref effects, out waiting);
        if (result is WriteResult.Queued)
            WakePump(queue, ref effects);
        Changed(ref effects);
        return result;
    }

    public void AcceptControl(PreparedMessage frame, OutboundQueue queue, ref QueueEffects effects)
    {
        _frames.Control.Set(frame);
        WakePump(queue, ref effects);
    }

    /// <returns>False when it no longer waits: something else has become of it.</returns>
    public bool TryRemove(WaitingWrite write, ref QueueEffects effects)
    {
        // When the queue is completed, those who wait are told that.
        if (IsCompleted || !_frames.Messages.TryRemove(write))
            return false;

        Changed(ref effects);
        return true;
    }

    /// <inheritdoc cref="BoundedMessages.Shed"/>
    public bool Shed(long bytes, ref long freed, ref QueueEffects effects)
    {
        var hasMore = _frames.Messages.Shed(bytes, ref freed, ref effects);
        Changed(ref effects);
        return hasMore;
    }

    /// <inheritdoc cref="KeyTable.Grow"/>
    public void GrowKeys(KeyedMessage?[] larger) => _frames.Messages.GrowKeys(larger);

    /// <inheritdoc cref="BudgetShare.TryUnwatch"/>
    public bool TryUnwatch() => _share.TryUnwatch();

    /// <summary>Accepts nothing more.</summary>
    /// <returns>What has no owner now: those who wait, and the messages where they are discarded.</returns>
    public (WaitingWrites Waiting, QueuedMessages Messages, TaskCompletionSource<bool>? Drained) Complete(
        bool discard, OutboundQueue queue, ref QueueEffects effects)
    {
        IsCompleted = true;
        var waiting = _frames.Messages.TakeWaiting();
        var messages = default(QueuedMessages);
        if (discard)
        {
            _deliveries.Discard(_frames.Messages.Count, _frames.Messages.Bytes);
            messages = _frames.Messages.TakeAll();
            effects.Released = _frames.Streamed.Discard(ref _deliveries);
        }

        WakePump(queue, ref effects);
        Changed(ref effects);
        return (waiting, messages, TakeDrained());
    }

    /// <summary>Accepts nothing more, and what waits, for room as well, is to be sent by somebody else.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="effects">What follows.</param>
    /// <returns>As <see cref="Complete"/>, and how many messages the pump has taken in all.</returns>
    public (WaitingWrites Waiting, QueuedMessages Messages, TaskCompletionSource<bool>? Drained, long Taken) TakeOut(
        OutboundQueue queue, ref QueueEffects effects)
    {
        var taken = _deliveries.Sent.Messages + _deliveries.InFlight.Messages;
        _deliveries.Discard(_frames.Messages.WaitingCount, _frames.Messages.WaitingBytes);
        var (waiting, messages, drained) = Complete(discard: true, queue, ref effects);
        return (waiting, messages, drained, taken);
    }

    /// <inheritdoc cref="QueueMove.PutBefore"/>
    public void PutBefore(IReadOnlyList<QueuedMessage> earlier, Func<PreparedMessage, bool> isRepeated, ref QueueEffects effects)
    {
        if (IsCompleted)
            return;

        _frames.Messages.PutBefore(earlier, isRepeated, ref effects);
        Changed(ref effects);
    }

    public void Start(OutboundQueue queue, ref QueueEffects effects)
    {
        _rests = true;
        if (_frames.HasAny || IsCompleted)
            WakePump(queue, ref effects);
    }

    /// <inheritdoc cref="OutboundFrames.TryTake"/>
    public bool TryTake(Batch batch, long now, ref QueueEffects effects)
    {
        var done = _frames.TryTake(batch, now, ref effects);
        (_deliveries.InFlight, _deliveries.InFlightSaved) = (batch.Sum, batch.BytesSaved);
        Changed(ref effects);
        return done;
    }

    /// <param name="sent">Whether what was taken was handed over.</param>
    /// <param name="drained">Who waits for the rest that begins.</param>
    /// <param name="streamed">The message whose writer is to be told.</param>
    public TurnEnd EndTurn(bool sent, out TaskCompletionSource<bool>? drained, out StreamedMessage? streamed)
    {
        drained = null;
        _deliveries.EndTurn(sent);
        streamed = _frames.Streamed.EndTurn(sent, ref _deliveries);
        _share.NoteProgress();
        if (_frames.HasAny)
            return TurnEnd.GoesOn;
        if (IsCompleted && _frames.Streamed.IsEmpty)
            return TurnEnd.WasLast;

        _rests = true;
        drained = _frames.Streamed.IsEmpty ? TakeDrained() : null;
        return TurnEnd.Rests;
    }

    /// <summary>Gives the message its place: what was queued before goes first, and what is queued from now on waits for its end.</summary>
    public StreamOpening Open(StreamedMessage message)
    {
        if (IsCompleted)
            return StreamOpening.Closed;
        if (!_frames.Streamed.IsEmpty)
            return StreamOpening.Busy;

        _frames.Streamed.Put(message, _frames.Messages.TailNumber);
        return StreamOpening.Opened;
    }

    /// <param name="message">The message.</param>
    /// <param name="fragment">What comes next of it.</param>
    /// <param name="always">Whether it is taken also where there is no room.</param>
    /// <param name="queue">Where it is.</param>
    /// <param name="effects">What follows.</param>
    /// <returns>False when there is no room, or the message is over.</returns>
    public bool TryAdd(StreamedMessage message, PreparedMessage fragment, bool always, OutboundQueue queue, ref QueueEffects effects)
    {
        if (!_frames.Streamed.Holds(message) || !(always || message.HasRoom))
            return false;

        message.Add(fragment);
        WakePump(queue, ref effects);
        effects.WakesHere = true;
        return true;
    }

    /// <inheritdoc cref="StreamSlot.TryTakeBack"/>
    public bool TryTakeBack(StreamedMessage message, OutboundQueue queue, ref QueueEffects effects)
    {
        if (!_frames.Streamed.TryTakeBack(message))
            return false;

        WakePump(queue, ref effects);
        return true;
    }

    /// <returns>Whether the pump rested although there is something for it to do, and has been woken.</returns>
    public bool TryEndRest()
    {
        var ends = _rests && (_frames.HasAny || IsCompleted);
        _rests &= !ends;
        return ends;
    }

    /// <returns>True when the pump rests and nothing is left for it; false when the queue is completed before.</returns>
    public Task<bool> WaitForDrainAsync()
    {
        if (IsCompleted || IsDrained)
            return Task.FromResult(!IsCompleted);

        _drained ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    private TaskCompletionSource<bool>? TakeDrained()
    {
        var drained = _drained;
        _drained = null;
        return drained;
    }

    /// <summary>After a change.</summary>
    private void Changed(ref QueueEffects effects)
    {
        if (_frames.Messages.HasWaiting)
            _frames.Messages.AdmitWaiting(ref effects);

        if (Bounds.HasPassed(IsHigh, _frames.Messages.Count, _frames.Messages.Bytes))
        {
            IsHigh = !IsHigh;
            effects.PassedWatermark = true;
        }

        if (Budget is not null)
            _share.Charge(_frames.Messages.Bytes + _frames.Messages.WaitingBytes, isIdle: _deliveries.InFlight.Messages == 0, ref effects);
    }

    private void WakePump(OutboundQueue queue, ref QueueEffects effects)
    {
        // Who waits for room cannot wait for the end of the cork as well; nor can who streams a message.
        if (!_rests || (Cork.Holds(queue) && !_frames.Messages.HasWaiting && _frames.Streamed.IsEmpty))
            return;

        _rests = false;
        effects.WakesPump = true;
    }
}
