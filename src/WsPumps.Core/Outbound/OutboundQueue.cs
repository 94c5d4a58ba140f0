using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>What waits to be written to one client: many writers, one reader, bounded in messages and in bytes.</summary>
/// <remarks>
/// Everything happens under one lock, and there only what is brief: who was dropped, let in or has to be told is collected, and acted on
/// when the lock is released. No clock is read and nobody's code is called while it is held, and no operation under it takes longer the
/// more there is in the queue.
/// </remarks>
internal sealed class OutboundQueue(
    OutboundBounds bounds, TimeProvider time, QueueEvents events, IQueueOwner owner, QueueBudget? budget = null)
{
    private BriefLock _lock = new();
    private OutboundState _state = new(bounds, events, budget);
    private LaneClient? _pump;

    public IQueueOwner Owner => owner;

    public OutboundBounds Bounds => _state.Bounds;

    /// <inheritdoc cref="OutboundState.IsHigh"/>
    public bool IsHigh => _state.IsHigh;

    /// <inheritdoc cref="BudgetShare.ProgressAt"/>
    public long ProgressAt => _state.ProgressAt;

    /// <summary>What counts the work that is under way; null for nobody.</summary>
    public IWorkCounter? Work => time as IWorkCounter;

    /// <summary>What held this thread's cork before; see <see cref="Cork"/>.</summary>
    public OutboundQueue? OuterCork { get; set; }

    /// <inheritdoc cref="OutboundState.HasCorked"/>
    public bool HasCorked => _state.HasCorked;

    /// <summary>Whether it accepts nothing more.</summary>
    public bool IsCompleted => _state.IsCompleted;

    /// <inheritdoc cref="StreamSlot.IsWithinMessage"/>
    public bool IsWithinMessage => Do(static (_, ref state, _, ref _) => state.Streamed.IsWithinMessage, 0);

    /// <inheritdoc cref="OutboundState.IsDrained"/>
    public bool IsDrained => Do(static (_, ref state, _, ref _) => state.IsDrained, 0);

    /// <summary>Whether a message that is streamed has a place here.</summary>
    public bool IsStreaming => Do(static (_, ref state, _, ref _) => !state.Streamed.IsEmpty, 0);

    /// <inheritdoc cref="StreamSlot.AwaitsFragments"/>
    public bool AwaitsFragments => Do(static (_, ref state, _, ref _) => state.Streamed.AwaitsFragments, 0);

    /// <inheritdoc cref="BoundedMessages.TakeDrops"/>
    public void TakeDrops(Span<long> sums) => _state.TakeDrops(sums);

    /// <summary>Accepts the message, or applies its policy. Never waits.</summary>
    /// <param name="message">The message.</param>
    /// <param name="here">Whether it is to be written on this thread, where the pump rests, also within a cork.</param>
    /// <returns><see cref="WriteResult.Dropped"/> when the queue is full; the caller disconnects where that is the policy.</returns>
    public WriteResult Write(PreparedMessage message, bool here = false)
    {
        var item = QueuedMessage.Of(message, time);
        var effects = new QueueEffects { WakesHere = here };
        while (true)
        {
            bool done;
            WriteResult result;
            using (_lock.Enter())
                done = _state.TryAccept(item, this, ref effects, out result);

            if (!done)
                continue;

            Publish(effects);
            if (here && HasCorked && TryEndRest())
                _pump!.WakeHere();
            return result;
        }
    }

    /// <summary>Accepts the message, at once or when there is room. A caller that finds too many waiting is refused.</summary>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        Bounds.ThrowIfTooLarge(message);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<WriteResult>(cancellationToken);

        var item = QueuedMessage.Of(message, time);
        var effects = default(QueueEffects);
        WriteResult result;
        WaitingWrite? waiting;
        using (_lock.Enter())
            result = _state.AcceptOrWait(item, this, ref effects, out waiting);

        Publish(effects);
        return waiting is null ? new ValueTask<WriteResult>(result) : new ValueTask<WriteResult>(waiting.WaitAsync(cancellationToken));
    }

    /// <summary>Queues a ping or a pong, ahead of the messages.</summary>
    public void WriteControl(PreparedMessage frame)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
            _state.AcceptControl(frame, this, ref effects);
        Publish(effects);
    }

    /// <summary>A caller who waited gives up: those behind it may fit.</summary>
    /// <returns>False when it no longer waits: something else has become of it.</returns>
    public bool TryRemove(WaitingWrite write) =>
        Do(static (_, ref state, write, ref effects) => state.TryRemove(write, ref effects), write);

    /// <summary>Drops the oldest messages, except newest values of keys, until <paramref name="bytes"/> are free.</summary>
    /// <returns>False when it could drop none of those that are here.</returns>
    public bool TryShed(long bytes)
    {
        var effects = default(QueueEffects);
        var freed = 0L;
        var (hasMore, isEmpty) = (true, false);
        while (hasMore)
        {
            using (_lock.Enter())
                (hasMore, isEmpty) = (_state.Shed(bytes, ref freed, ref effects), _state.IsEmpty);
        }

        Publish(effects);
        return freed > 0 || isEmpty;
    }

    /// <inheritdoc cref="BudgetShare.TryUnwatch"/>
    public bool TryUnwatch() => Do(static (_, ref state, _, ref _) => state.TryUnwatch(), 0);

    /// <summary>Accepts nothing more. The pump still gets what is queued, unless it is discarded.</summary>
    public void Complete(bool discard)
    {
        var effects = default(QueueEffects);
        WaitingWrites waiting;
        QueuedMessages messages;
        TaskCompletionSource<bool>? drained;
        using (_lock.Enter())
            (waiting, messages, drained) = _state.Complete(discard, this, ref effects);

        Publish(effects);
        waiting.CompleteAll(WriteResult.Closed);
        drained?.TrySetResult(false);
        while (messages.Count > 0)
            messages.Dequeue().Settle(handedOver: false);
    }

    /// <summary>Ends the reading: what is left is unsent, and nothing holds on to the queue.</summary>
    public void End()
    {
        Complete(discard: true);
        _state.Budget?.Unwatch();
    }

    /// <summary>From now on the pump reads. It is woken whenever it rests and there is something to read.</summary>
    public void Start(LaneClient pump)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
        {
            _pump = pump;
            _state.Start(this, ref effects);
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
                done = _state.TryTake(batch, now, ref effects);
            if (!done)
                now = Math.Max(1, time.GetTimestamp());
        }
        while (!done);

        Publish(effects, onLane: true);
    }

    /// <summary>The pump is done with what it read.</summary>
    /// <param name="sent">Whether it was handed to the transport, as far as can be known.</param>
    /// <param name="streamed">The message whose writer the caller has to tell that there is room; null for none.</param>
    public TurnEnd EndTurn(bool sent, out StreamedMessage? streamed)
    {
        TurnEnd end;
        TaskCompletionSource<bool>? drained;
        using (_lock.Enter())
            end = _state.EndTurn(sent, out drained, out streamed);
        drained?.TrySetResult(true);
        return end;
    }

    /// <inheritdoc cref="OutboundState.TryEndRest"/>
    public bool TryEndRest()
    {
        using (_lock.Enter())
            return _state.TryEndRest();
    }

    /// <summary>Waits until all that is queued was handed to the transport: true; or the connection has ended: false.</summary>
    public Task<bool> WaitForDrainAsync()
    {
        var waiting = Do(static (_, ref state, _, ref _) => state.WaitForDrainAsync(), 0);
        WakeCorked();
        return waiting;
    }

    /// <summary>Writes what a handler that has not returned yet holds back.</summary>
    public void WakeCorked()
    {
        if (HasCorked && TryEndRest())
            _pump!.Wake();
    }

    public OutboundCounters Counters() => Do(static (_, ref state, _, ref _) => state.Counters, 0);

    /// <summary>Any other brief step, which is none of those that each message takes.</summary>
    public TResult Do<TArgument, TResult>(QueueStep<TArgument, TResult> step, TArgument argument)
    {
        var effects = default(QueueEffects);
        TResult result;
        using (_lock.Enter())
            result = step(this, ref _state, argument, ref effects);
        Publish(effects);
        return result;
    }

    private void GrowKeys(KeyedMessage?[] larger)
    {
        using (_lock.Enter())
            _state.GrowKeys(larger);
    }

    /// <summary>Everything that must not happen under the lock.</summary>
    /// <param name="effects">What there is to do.</param>
    /// <param name="onLane">Whether the caller runs on a lane, where no code of the application does.</param>
    private void Publish(in QueueEffects effects, bool onLane = false)
    {
        if (effects.WakesPump && effects.WakesHere)
            _pump!.WakeHere();
        else if (effects.WakesPump)
            _pump!.Wake();

        if (effects.WantedKeys > 0)
            GrowKeys(new KeyedMessage?[effects.WantedKeys]);
        effects.CompleteWrites();
        if (effects.NeedsWatch)
            _state.Budget!.Watch(this);
        if (effects.HasNews)
            _state.Events.Tell(effects, this, onLane);
        if (effects.IsOverBudget)
            _state.Budget!.Relieve();
    }
}
