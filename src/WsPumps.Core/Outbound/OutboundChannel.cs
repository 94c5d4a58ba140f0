using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>What waits to be written to one client: many writers, one reader, bounded in messages and in bytes.</summary>
/// <remarks>
/// The words are those of System.Threading.Channels, and so is the division of work: <see cref="TryWrite"/> is the
/// primitive, waking the reader allocates nothing. It is not derived from Channel because a refused write has three
/// meanings here (full, too large, closed), and a close must be able to discard what waits and say how much that was.
/// </remarks>
internal sealed class OutboundChannel(BoundedQueue queue, QueueEvents events, QueueBudget? budget = null, IWorkCounter? work = null)
{
    private BriefLock _lock = new();
    private Queue<PendingWrite>? _pending;
    private TaskCompletionSource<bool>? _drained;
    private bool _completed;
    private IThreadPoolWorkItem? _restingReader;
    private long _charged;
    private ControlSlots _control;

    /// <summary>Accepts the message, or applies its policy.</summary>
    /// <returns><see cref="WriteResult.Dropped"/> when the queue is full; the caller disconnects where that is the policy.</returns>
    public WriteResult TryWrite(PreparedMessage message)
    {
        var notice = default(QueueNotice);
        var result = WriteResult.Queued;
        using (_lock.Enter())
        {
            if (_completed)
                return WriteResult.Closed;

            // For nearly every message there is nothing else to do, and nobody to be told but the reader.
            if (budget is not null || _pending is { Count: > 0 } || !queue.TryAcceptPlain(message))
            {
                AcceptPending();
                result = queue.TryAccept(message, othersWait: _pending is { Count: > 0 }, ref notice);
                Changed(ref notice);
            }

            if (result is WriteResult.Queued)
                WakeReader(ref notice);
        }

        Publish(notice);
        return result;
    }

    /// <summary>Accepts the message, at once or when there is room.</summary>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        if (message.Length > queue.MaxBytes)
        {
            throw new ArgumentException(
                $"A message of {message.Length} bytes can never be queued: the limit is {queue.MaxBytes} bytes ({nameof(ClientOptions)}.{nameof(ClientOptions.MaxQueuedBytes)}).",
                nameof(message));
        }

        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<WriteResult>(cancellationToken);

        var notice = default(QueueNotice);
        PendingWrite? pending = null;
        using (_lock.Enter())
        {
            if (_completed)
                return new ValueTask<WriteResult>(WriteResult.Closed);

            AcceptPending();
            if (_pending is { Count: > 0 } || !queue.HasRoomFor(message))
            {
                pending = new PendingWrite(message, this);
                (_pending ??= new Queue<PendingWrite>()).Enqueue(pending);
            }
            else
            {
                queue.Accept(message);
                WakeReader(ref notice);
            }

            Changed(ref notice);
        }

        Publish(notice);
        return pending is null ? new ValueTask<WriteResult>(WriteResult.Queued) : new ValueTask<WriteResult>(pending.WaitAsync(cancellationToken));
    }

    /// <summary>Queues a ping or a pong, ahead of the messages.</summary>
    public void WriteControl(PreparedMessage frame)
    {
        var notice = default(QueueNotice);
        using (_lock.Enter())
        {
            _control.Set(frame);
            WakeReader(ref notice);
        }

        Publish(notice);
    }

    /// <summary>
    /// Takes what is to be written next: control frames, then messages in order, as many as fit <paramref name="maxBytes"/> of
    /// frames; a larger one comes alone. For the one reader.
    /// </summary>
    /// <returns>How many were put into <paramref name="batch"/>; 0 when nothing is queued.</returns>
    public int Read(Span<PreparedMessage> batch, int maxBytes)
    {
        var notice = default(QueueNotice);
        int count;
        using (_lock.Enter())
        {
            _control.Take(batch, out count, out var bytes);
            queue.Take(batch, ref count, maxBytes - bytes, ref notice);
            AcceptPending();
            Changed(ref notice);
        }

        Publish(notice);
        return count;
    }

    /// <summary>
    /// The reader has done what it read. Where it rests, the next frame or the end puts it on the thread pool: that a writer never runs it on
    /// its own thread is also what lets several messages gather. For the one reader.
    /// </summary>
    public TurnEnd EndTurn(IThreadPoolWorkItem reader)
    {
        TaskCompletionSource<bool>? drained;
        using (_lock.Enter())
        {
            if (HasFrames)
                return TurnEnd.GoesOn;
            if (_completed)
                return TurnEnd.WasLast;

            _restingReader = reader;
            (drained, _drained) = (_drained, null);
        }

        drained?.TrySetResult(true);
        return TurnEnd.Rests;
    }

    /// <summary>Waits until all that is queued was handed to the transport: true; or the connection has ended: false.</summary>
    public Task<bool> WaitForDrainAsync()
    {
        using (_lock.Enter())
        {
            if (_restingReader is not null || _completed)
                return Task.FromResult(!_completed);

            _drained ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>A caller who waited has given up: those behind it may fit.</summary>
    public void OnCancelled()
    {
        var notice = default(QueueNotice);
        using (_lock.Enter())
        {
            AcceptPending();
            Changed(ref notice);
        }

        Publish(notice);
    }

    /// <summary>Drops the oldest messages until at most <paramref name="keepBytes"/> are left.</summary>
    public void Shed(long keepBytes)
    {
        var notice = default(QueueNotice);
        using (_lock.Enter())
        {
            queue.Shed(keepBytes, ref notice);
            AcceptPending();
            Changed(ref notice);
        }

        Publish(notice);
    }

    /// <summary>Accepts nothing more. The reader still gets what is queued, unless it is discarded.</summary>
    public void Complete(bool discard)
    {
        var notice = default(QueueNotice);
        Queue<PendingWrite>? pending;
        TaskCompletionSource<bool>? drained;
        using (_lock.Enter())
        {
            _completed = true;
            (pending, _pending) = (_pending, null);
            (drained, _drained) = (_drained, null);
            if (discard)
                queue.Discard(ref notice);
            WakeReader(ref notice);
            Changed(ref notice);
        }

        while (pending is not null && pending.TryDequeue(out var write))
            write.TrySetResult(WriteResult.Closed);
        drained?.TrySetResult(false);
        Publish(notice);
    }

    private bool HasFrames => queue.Count > 0 || !_control.IsEmpty;

    /// <summary>Lets in who waits, as far as there is room. Wakes nobody: while somebody waits there are messages, and the reader is on its way.</summary>
    private void AcceptPending()
    {
        while (_pending is not null && _pending.TryPeek(out var write) && (write.Task.IsCompleted || queue.HasRoomFor(write.Message)))
        {
            _pending.Dequeue();
            // A cancelled write has its result already.
            if (write.TrySetResult(WriteResult.Queued))
                queue.Accept(write.Message);
        }
    }

    private void WakeReader(ref QueueNotice notice)
    {
        if (_restingReader is not null)
            (notice.Reader, _restingReader) = (_restingReader, null);
    }

    /// <summary>Under the lock, after a change of the queue.</summary>
    private void Changed(ref QueueNotice notice)
    {
        queue.CheckWatermarks(ref notice);
        if (budget is null)
            return;

        var growth = queue.Bytes - _charged;
        _charged = queue.Bytes;
        notice.IsOverBudget = budget.Charge(growth);
    }

    /// <summary>Everything that must not happen under the lock.</summary>
    private void Publish(in QueueNotice notice)
    {
        if (notice.Reader is not null)
        {
            work?.Begin();
            ThreadPool.UnsafeQueueUserWorkItem(notice.Reader, preferLocal: true);
        }

        notice.Settled?.ForEach(static message => message.Settle(handedOver: false));
        if (notice.Dropped is not null)
            events.RaiseDropped(notice.Dropped);
        if (notice.PassedWatermark)
            events.TellWatermark(queue);
        if (notice.IsOverBudget)
            budget!.Relieve();
    }
}
