namespace WsPumps.Outbound;

/// <content>What the write pump does with the queue.</content>
internal sealed partial class OutboundQueue
{
    /// <summary>The queue whose pump this thread is about to run itself: what it writes there need not wake it.</summary>
    [ThreadStatic]
    private static OutboundQueue? _corked;

    private OutboundQueue? _outerCork;
    private LaneClient? _pump;
    private bool _rests;
    private TaskCompletionSource<bool>? _drained;
    private (int Messages, long Bytes) _inFlight;
    private (long Messages, long Bytes) _sent;
    private (long Messages, long Bytes) _unsent;

    /// <summary>Whether there are frames for a pump that rests: they are corked.</summary>
    /// <remarks>Without the lock it may be wrong; who ends the rest looks again.</remarks>
    public bool HasCorked => Volatile.Read(ref _rests) && (Count > 0 || !_control.IsEmpty);

    private bool HasFrames => !_control.IsEmpty || (_streamed is null ? Count > 0 : HasNextOf(_streamed));

    /// <summary>From now on the pump reads. It is woken whenever it rests and there is something to read.</summary>
    public void Start(LaneClient pump)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
        {
            (_pump, _rests) = (pump, true);
            if (HasFrames || _completed)
                WakePump(ref effects);
        }

        Publish(effects);
    }

    /// <summary>Takes what is to be written next: control frames, then messages in order, as many as fit. Runs on a lane.</summary>
    public void Read(Batch batch)
    {
        var effects = default(QueueEffects);
        var now = 0L;
        bool done;
        do
        {
            using (_lock.Enter())
                done = TryTake(batch, now, ref effects);
            if (!done)
                now = Math.Max(1, time.GetTimestamp());
        }
        while (!done);

        Publish(effects, onLane: true);
    }

    /// <summary>The pump is done with what it read.</summary>
    /// <param name="sent">Whether it was handed to the transport, as far as can be known.</param>
    public TurnEnd EndTurn(bool sent)
    {
        StreamedMessage? streamed = null;
        TaskCompletionSource<bool>? drained;
        TurnEnd end;
        using (_lock.Enter())
        {
            ref var sum = ref sent ? ref _sent : ref _unsent;
            sum = (sum.Messages + _inFlight.Messages, sum.Bytes + _inFlight.Bytes);
            _inFlight = default;
            NoteProgress();
            if (_streamedInFlight is not null)
                streamed = FragmentsLeft(_streamedInFlight, sent);
            end = NextTurn(out drained);
        }

        drained?.TrySetResult(true);
        streamed?.Room.Set(true);
        return end;
    }

    /// <summary>
    /// What this thread writes to the queue until <see cref="EndCork"/> does not wake the pump. Whatever others write does.
    /// </summary>
    public void BeginCork() => (_outerCork, _corked) = (_corked, this);

    /// <summary>Without effect where the thread is not corked.</summary>
    /// <returns>Whether there is something to write and the pump rests: the caller has its turn.</returns>
    public bool EndCork()
    {
        if (_corked != this)
            return false;

        (_corked, _outerCork) = (_outerCork, null);
        // A look without the lock: what this thread has written it sees, and what others have written woke the pump.
        return (HasCorked || _completed) && TryEndRest();
    }

    /// <returns>Whether the pump rested although there is something for it to do, and does not rest any more.</returns>
    public bool TryEndRest()
    {
        using (_lock.Enter())
        {
            var ends = _rests && (HasFrames || _completed);
            _rests &= !ends;
            return ends;
        }
    }

    /// <summary>Waits until all that is queued was handed to the transport: true; or the connection has ended: false.</summary>
    public Task<bool> WaitForDrainAsync()
    {
        Task<bool> waiting;
        using (_lock.Enter())
        {
            if (_completed || (_rests && !HasFrames && _streamed is null))
                return Task.FromResult(!_completed);

            _drained ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting = _drained.Task;
        }

        WakeCorked();
        return waiting;
    }

    /// <summary>Writes what a handler that has not returned yet holds back.</summary>
    public void WakeCorked()
    {
        if (HasCorked && TryEndRest())
            _pump!.Wake();
    }

    public OutboundCounters Counters()
    {
        using (_lock.Enter())
        {
            return new OutboundCounters
            {
                QueuedMessages = Count + _waiting.Count + _inFlight.Messages + (_streamed is null ? 0 : 1),
                QueuedBytes = Bytes + _waiting.Bytes + _inFlight.Bytes + (_streamed?.Bytes ?? 0),
                WaitingMessages = _waiting.Count,
                MessagesSent = _sent.Messages,
                BytesSent = _sent.Bytes,
                MessagesDropped = _dropped,
                MessagesUnsent = _unsent.Messages,
                BytesUnsent = _unsent.Bytes,
            };
        }
    }

    private TurnEnd NextTurn(out TaskCompletionSource<bool>? drained)
    {
        drained = null;
        if (HasFrames)
            return TurnEnd.GoesOn;
        if (_completed && _streamed is null)
            return TurnEnd.WasLast;

        _rests = true;
        if (_streamed is null)
            (drained, _drained) = (_drained, null);
        return TurnEnd.Rests;
    }

    /// <returns>False when the clock has to be looked at first, or more has expired than is dropped at once.</returns>
    private bool TryTake(Batch batch, long now, ref QueueEffects effects)
    {
        if (batch.IsEmpty)
            _control.Take(batch);

        var done = TryTakeMessages(batch, now, ref effects);
        if (_streamed is not null && done)
            TakeFragments(_streamed, batch);
        _inFlight = batch.Sum;
        Changed(ref effects);
        return done;
    }

    private bool TryTakeMessages(Batch batch, long now, ref QueueEffects effects)
    {
        for (var expired = 0; Count > 0 && (_streamed is null || !IsNext(_streamed));)
        {
            var keyed = _keyed is not null && _keyed.IsNextBefore(_messages.HeadNumber);
            ref readonly var next = ref keyed ? ref _keyed!.Peek() : ref _messages.Peek();
            if (next.ExpiresAt != 0 && (now == 0 || expired == MaxAtOnce))
                return false;

            if (next.ExpiresAt != 0 && now >= next.ExpiresAt)
            {
                expired++;
                Drop(Dequeue(keyed), DropReason.Expired, ref effects);
                continue;
            }

            if (!batch.HasRoomFor(next.Message))
                break;

            batch.Add(Dequeue(keyed));
        }

        return true;
    }

    private PreparedMessage Dequeue(bool keyed) => (keyed ? _keyed!.Dequeue() : _messages.Dequeue()).Message;
}
