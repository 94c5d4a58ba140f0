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
            if (!HasRoomFor(message) || _pending is { Count: > 0 })
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

            if (!HasRoomFor(message) || _pending is { Count: > 0 })
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

    /// <summary>Takes the oldest message. For the one reader.</summary>
    public bool TryRead(out PreparedMessage message)
    {
        lock (_lock)
        {
            if (_messages.Count == 0)
            {
                message = null!;
                return false;
            }

            message = _messages.Dequeue();
            _bytes -= message.Length;
            AcceptPending();
            return true;
        }
    }

    /// <summary>Waits until there is something to read; false when nothing will come any more. For the one reader.</summary>
    public ValueTask<bool> WaitToReadAsync()
    {
        lock (_lock)
        {
            if (_messages.Count > 0)
                return new ValueTask<bool>(true);
            if (_completed)
                return new ValueTask<bool>(false);

            _readerSignal.Reset();
            _readerWaits = true;
            return new ValueTask<bool>(this, _readerSignal.Version);
        }
    }

    private bool HasRoomFor(PreparedMessage message) => _messages.Count < maxMessages && _bytes + message.Length <= maxBytes;

    /// <returns>Whether the reader has to be woken, once the lock is released.</returns>
    private bool Accept(PreparedMessage message)
    {
        _messages.Enqueue(message);
        _bytes += message.Length;
        var wake = _readerWaits;
        _readerWaits = false;
        return wake;
    }

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
            return _messages.Count > 0 || !_completed;
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _readerSignal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _readerSignal.OnCompleted(continuation, state, token, flags);
}
