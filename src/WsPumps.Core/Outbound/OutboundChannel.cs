using System.Threading.Tasks.Sources;

namespace WsPumps.Outbound;

/// <summary>
/// What waits to be written to one client: many writers, one reader, bounded in messages and in bytes.
/// </summary>
/// <remarks>
/// The words are those of System.Threading.Channels, and so is the division of work: <see cref="TryWrite"/> is the
/// primitive, the reader waits without allocating. It is not derived from Channel because a refused write has three
/// meanings here (full, too large, closed), and a close must be able to discard what waits and say how much that was.
/// </remarks>
internal sealed class OutboundChannel(int maxMessages, long maxBytes) : IValueTaskSource<bool>
{
    private readonly Lock _lock = new();
    private MessageRing _messages;
    private long _bytes;
    private Queue<PendingWrite>? _pending;
    private bool _completed;
    private bool _readerWaits;

    /// <summary>
    /// Control frames go ahead of the messages and are not counted against the bounds. A slot for each is a bound in itself: a
    /// pong answers the latest ping only (RFC 6455, section 5.5.3), and one ping is outstanding at most.
    /// </summary>
    private PreparedMessage? _pong;
    private PreparedMessage? _ping;

    /// <summary>Resumes the reader on the thread pool, which is also what lets several messages gather before it runs.</summary>
    private ManualResetValueTaskSourceCore<bool> _readerSignal = new() { RunContinuationsAsynchronously = true };

    /// <summary>Accepted messages, and their bytes, that <see cref="Complete"/> threw away. To be read when the reader has ended.</summary>
    public (long Messages, long Bytes) Discarded { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock)
                return _messages.Count;
        }
    }

    /// <summary>Accepts the message or says why not. <see cref="WriteResult.Dropped"/>: the bounds are reached.</summary>
    public WriteResult TryWrite(PreparedMessage message)
    {
        bool wake;
        lock (_lock)
        {
            if (_completed)
                return WriteResult.Closed;
            if (message.Length > maxBytes)
                return WriteResult.TooLarge;
            if (!IsNext(message))
                return WriteResult.Dropped;

            wake = Accept(message);
        }

        if (wake)
            _readerSignal.SetResult(true);
        return WriteResult.Queued;
    }

    /// <summary>Accepts the message, at once or when there is room.</summary>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        if (message.Length > maxBytes)
        {
            throw new ArgumentException(
                $"A message of {message.Length} bytes can never be queued: the limit is {maxBytes} bytes ({nameof(ClientOptions)}.{nameof(ClientOptions.MaxQueuedBytes)}).",
                nameof(message));
        }

        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<WriteResult>(cancellationToken);

        bool wake;
        lock (_lock)
        {
            if (_completed)
                return new ValueTask<WriteResult>(WriteResult.Closed);

            if (!IsNext(message))
            {
                var pending = new PendingWrite(message);
                (_pending ??= new Queue<PendingWrite>()).Enqueue(pending);
                return new ValueTask<WriteResult>(pending.WaitAsync(cancellationToken));
            }

            wake = Accept(message);
        }

        if (wake)
            _readerSignal.SetResult(true);
        return new ValueTask<WriteResult>(WriteResult.Queued);
    }

    public void WritePong(PreparedMessage pong) => WriteControl(ref _pong, pong);

    public void WritePing(PreparedMessage ping) => WriteControl(ref _ping, ping);

    /// <summary>Accepts nothing more. The reader still gets what is queued, unless it is discarded.</summary>
    public void Complete(bool discard)
    {
        bool wake;
        Queue<PendingWrite>? pending;
        lock (_lock)
        {
            _completed = true;
            (pending, _pending) = (_pending, null);
            if (discard)
                Discard();
            (wake, _readerWaits) = (_readerWaits, false);
        }

        while (pending is not null && pending.TryDequeue(out var write))
            write.TrySetResult(WriteResult.Closed);
        if (wake)
            _readerSignal.SetResult(true);
    }

    /// <summary>
    /// Takes what is to be written next: control frames, then messages in order, as many as fit <paramref name="maxBytes"/> of
    /// frames; a larger one comes alone. For the one reader.
    /// </summary>
    /// <returns>How many were put into <paramref name="batch"/>; 0 when nothing is queued.</returns>
    public int Read(Span<PreparedMessage> batch, int maxBytes)
    {
        lock (_lock)
        {
            int count = 0, bytes = 0;
            TakeControl(ref _pong, batch, ref count, ref bytes);
            TakeControl(ref _ping, batch, ref count, ref bytes);
            for (; count < batch.Length && _messages.Count > 0; count++)
            {
                bytes += _messages.Peek().Frame.Length;
                if (bytes > maxBytes && count > 0)
                    break;

                batch[count] = _messages.Dequeue();
                _bytes -= batch[count].Length;
            }

            AcceptPending();
            return count;
        }
    }

    /// <summary>Waits until there is something to read; false when nothing will come any more. For the one reader.</summary>
    public ValueTask<bool> WaitToReadAsync()
    {
        lock (_lock)
        {
            if (HasFrames)
                return new ValueTask<bool>(true);
            if (_completed)
                return new ValueTask<bool>(false);

            _readerSignal.Reset();
            _readerWaits = true;
            return new ValueTask<bool>(this, _readerSignal.Version);
        }
    }

    private bool HasFrames => _messages.Count > 0 || _pong is not null || _ping is not null;

    private bool HasRoomFor(PreparedMessage message) => _messages.Count < maxMessages && _bytes + message.Length <= maxBytes;

    /// <summary>Whether the message can be accepted now: there is room, and none waits before it but such as were cancelled meanwhile.</summary>
    private bool IsNext(PreparedMessage message)
    {
        AcceptPending();
        return HasRoomFor(message) && _pending is not { Count: > 0 };
    }

    /// <returns>Whether the reader has to be woken, once the lock is released.</returns>
    private bool Accept(PreparedMessage message)
    {
        _messages.Enqueue(message);
        _bytes += message.Length;
        var wake = _readerWaits;
        _readerWaits = false;
        return wake;
    }

    private void WriteControl(ref PreparedMessage? slot, PreparedMessage frame)
    {
        bool wake;
        lock (_lock)
        {
            slot = frame;
            (wake, _readerWaits) = (_readerWaits, false);
        }

        if (wake)
            _readerSignal.SetResult(true);
    }

    private static void TakeControl(ref PreparedMessage? slot, Span<PreparedMessage> batch, ref int count, ref int bytes)
    {
        if (slot is null)
            return;

        batch[count++] = slot;
        bytes += slot.Frame.Length;
        slot = null;
    }

    /// <summary>Wakes nobody: while a write waits there are messages, and the reader is on its way to them.</summary>
    private void AcceptPending()
    {
        while (_pending is not null && _pending.TryPeek(out var write) && (write.Task.IsCompleted || HasRoomFor(write.Message)))
        {
            _pending.Dequeue();
            // A cancelled write has its result already.
            if (write.TrySetResult(WriteResult.Queued))
                Accept(write.Message);
        }
    }

    private void Discard()
    {
        Discarded = (Discarded.Messages + _messages.Count, Discarded.Bytes + _bytes);
        while (_messages.Count > 0)
            _messages.Dequeue();
        _bytes = 0;
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        _readerSignal.GetResult(token);
        lock (_lock)
            return HasFrames || !_completed;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _readerSignal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _readerSignal.OnCompleted(continuation, state, token, flags);
}
