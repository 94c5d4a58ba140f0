using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <content>What follows from a change: who waits is let in, the pump woken, the budget charged, the application told.</content>
internal sealed partial class OutboundQueue
{
    private long _charged;
    private bool _isWatched;
    private long _progressAt;

    /// <summary>
    /// How much the clients of the budget had been given altogether when this one last took something, or began to have something to take.
    /// </summary>
    public long ProgressAt => Volatile.Read(ref _progressAt);

    /// <summary>The budget forgets a queue that holds nothing.</summary>
    /// <returns>False when it holds something.</returns>
    public bool TryUnwatch()
    {
        using (_lock.Enter())
        {
            _isWatched = _charged > 0;
            return !_isWatched;
        }
    }

    /// <summary>Under the lock, after a change.</summary>
    private void Changed(ref QueueEffects effects)
    {
        if (_waiting.First is not null)
            AdmitWaiting(ref effects);

        if (IsHigh ? bounds.IsLow(Count, Bytes) : bounds.IsHigh(Count, Bytes))
        {
            IsHigh = !IsHigh;
            effects.PassedWatermark = true;
        }

        if (budget is not null)
            Charge(budget, ref effects);
    }

    /// <summary>Wakes nobody: while somebody waits there are messages, and the pump is on its way.</summary>
    private void AdmitWaiting(ref QueueEffects effects)
    {
        for (var i = 0; i < MaxAtOnce && _waiting.First is { } write && bounds.HasRoomForWaiting(Count, Bytes, write.Message.Length); i++)
        {
            _waiting.Remove(write);
            Enqueue(new QueuedMessage(write.Message, write.ExpiresAt), ref effects);
            effects.Admit(write);
        }
    }

    private void Charge(QueueBudget budget, ref QueueEffects effects)
    {
        var held = Bytes + _waiting.Bytes;
        if (held == _charged)
            return;

        if (_charged == 0 && _inFlight.Messages == 0)
            Volatile.Write(ref _progressAt, budget.Clock);
        effects.IsOverBudget |= budget.Charge(held - _charged);
        _charged = held;
        effects.NeedsWatch |= held > 0 && !_isWatched;
        _isWatched |= held > 0;
    }

    private void NoteProgress()
    {
        if (budget is not null)
            Volatile.Write(ref _progressAt, budget.Clock);
    }

    private void WakePump(ref QueueEffects effects)
    {
        // Who waits for room cannot wait for the end of the cork as well; nor may who streams a message.
        if (!_rests || (_corked == this && _waiting.First is null && _streamed is null))
            return;

        _rests = false;
        effects.WakesPump = true;
    }

    /// <summary>Everything that must not happen under the lock.</summary>
    /// <param name="effects">What there is to do.</param>
    /// <param name="onLane">Whether the caller runs on a lane, where no code of the application does.</param>
    private void Publish(in QueueEffects effects, bool onLane = false)
    {
        if (effects.WakesPump)
            _pump!.Wake();

        for (var write = effects.Admitted; write is not null;)
        {
            var next = write.Next;
            write.Next = null;
            write.Complete(WriteResult.Queued);
            write = next;
        }

        effects.Settled?.ForEach(static message => message.Settle(handedOver: false));
        if (effects.NeedsWatch)
            budget!.Watch(this);
        if (effects.HasNews && onLane)
            TellOnPool(effects);
        else if (effects.HasNews)
            Tell(effects);
        if (effects.IsOverBudget)
            budget!.Relieve();
    }

    private void TellOnPool(QueueEffects effects)
    {
        var work = time as IWorkCounter;
        work?.Begin();
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                Tell(effects);
                work?.End();
            },
            null);
    }

    private void Tell(in QueueEffects effects)
    {
        if (effects.Dropped is not null)
            events.TellDropped(effects.Dropped);
        if (effects.PassedWatermark)
            events.TellWatermark(this);
        if (effects.HasTooManyKeys)
            events.TellTooManyKeys();
    }
}
