using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace WsPumps.Inbound;

/// <summary>
/// Between the handler that reads a message as a stream and the pump that brings it. A read that waits has its own buffer filled. While the
/// handler is at work on that, the pump rests, and the next read runs it: nothing is copied, and no thread hands over to another.
/// </summary>
/// <remarks>
/// A handler that stays away for a while, or blocks its thread, has the pump go on without it, and what comes goes through the pipe. For
/// one read at a time, and one pump; the rest of it is safe from any thread.
/// </remarks>
/// <param name="ahead">What was read ahead of the handler.</param>
internal sealed class StreamHandOver(PipeReader ahead) : IValueTaskSource<int>, IValueTaskSource
{
    /// <summary>Less than this is not read from the wire by itself.</summary>
    private const int MinDirect = 4 * 1024;

    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<int> _read;
    private ReadState _state;
    private Memory<byte> _buffer;
    private CancellationTokenRegistration _cancelling;
    private long _reads;
    private int _count;

    private Action<object?>? _pump;
    private object? _pumpState;
    private bool _isWatched;
    private long _seen;
    private bool _isLeft;

    private enum ReadState
    {
        None,

        /// <summary>A read waits, and nothing was read ahead.</summary>
        Waiting,

        /// <summary>Its buffer is being filled, and cannot be taken back.</summary>
        Filling,
    }

    /// <summary>Whether the pump waits for the handler to read.</summary>
    public bool IsResting => Volatile.Read(ref _pump) is not null;

    /// <summary>For the handler: takes what was read ahead, or runs the pump.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);

        try
        {
            lock (_lock)
            {
                if (_isLeft)
                    throw Left();
                if (_state is not ReadState.None)
                    throw new InvalidOperationException("Another read of this message is under way. Await each read before the next.");
                if (TryTake(buffer.Span, out var count))
                    return new ValueTask<int>(count);

                _read.Reset();
                (_buffer, _state, _reads) = (buffer, ReadState.Waiting, _reads + 1);
            }
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<int>(exception);
        }

        Resume();
        if (cancellationToken.CanBeCanceled && _read.GetStatus(_read.Version) is ValueTaskSourceStatus.Pending)
            _cancelling = cancellationToken.UnsafeRegister(static (self, token) => ((StreamHandOver)self!).Cancel(token), this);
        return new ValueTask<int>(this, _read.Version);
    }

    /// <summary>For the pump: the buffer of a read that waits. It has to be filled at once, or given back.</summary>
    public bool TryClaim(out Memory<byte> buffer)
    {
        lock (_lock)
        {
            if (_state is ReadState.Waiting && _buffer.Length >= MinDirect)
                _state = ReadState.Filling;
            buffer = _buffer[..Math.Min(_buffer.Length, IncomingMessage.MaxBuffered)];
            return _state is ReadState.Filling;
        }
    }

    /// <summary>For the pump: nothing has come for the buffer that was claimed, and it may take a while.</summary>
    public void Unclaim()
    {
        bool isLeft;
        lock (_lock)
        {
            if (_state is not ReadState.Filling)
                return;

            isLeft = _isLeft;
            _state = isLeft ? ReadState.None : ReadState.Waiting;
        }

        if (isLeft)
            Fail(Left());
    }

    /// <summary>For the pump, when something has come: ends the read that waits for it, and rests.</summary>
    /// <param name="filled">How many bytes are in the buffer that was claimed, where one was.</param>
    /// <returns>To be awaited at once. Completed where no read waits.</returns>
    public ValueTask HandOverAsync(int filled)
    {
        lock (_lock)
        {
            if (!TryEndRead(filled))
                return default;
        }

        return new ValueTask(this, token: 0);
    }

    /// <summary>For the pump: the message is whole.</summary>
    /// <inheritdoc cref="HandOverAsync"/>
    public void End(int filled)
    {
        StopWatching();
        lock (_lock)
        {
            if (!TryEndRead(filled))
                return;
        }

        // The pump goes on, and does not wait for the handler.
        _read.RunContinuationsAsynchronously = true;
        _read.SetResult(_count);
    }

    /// <summary>For the pump: the rest of the message will not come.</summary>
    public void Break(Exception exception)
    {
        StopWatching();
        lock (_lock)
        {
            if (_state is ReadState.None)
                return;

            (_state, _buffer) = (ReadState.None, default);
        }

        Fail(exception);
    }

    /// <summary>
    /// The handler wants no more: a read that it has left behind fails, and its buffer is not touched again. Before what was read ahead is
    /// given up; from any thread.
    /// </summary>
    public void Leave()
    {
        bool isWaiting;
        lock (_lock)
        {
            _isLeft = true;
            isWaiting = _state is ReadState.Waiting;
            if (isWaiting)
                (_state, _buffer) = (ReadState.None, default);
        }

        if (isWaiting)
            Fail(Left());
    }

    /// <summary>The pump is to look what has become of the message. From any thread.</summary>
    public void Wake()
    {
        if (IsResting)
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Resume(), this, preferLocal: false);
    }

    /// <summary>A pump that has rested since the last look goes on.</summary>
    public void Look()
    {
        bool isAway;
        lock (_lock)
            (isAway, _seen) = (_seen == _reads, _reads);
        if (isAway)
            Wake();
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        _cancelling.Dispose();
        _cancelling = default;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => ValueTaskSourceStatus.Pending;

    /// <summary>Only now that the pump rests the handler may go on, and run it again.</summary>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        int count;
        lock (_lock)
        {
            (_pump, _pumpState, count) = (continuation, state, _count);
        }

        if (!_isWatched)
            RestingPumps.Add(this);
        _isWatched = true;
        _read.RunContinuationsAsynchronously = false;
        _read.SetResult(count);
    }

    private void Resume()
    {
        Action<object?>? pump;
        object? state;
        lock (_lock)
        {
            (pump, state) = (_pump, _pumpState);
            (_pump, _pumpState) = (null, null);
        }

        pump?.Invoke(state);
    }

    /// <returns>False where none waits, or nothing has come for it.</returns>
    private bool TryEndRead(int filled)
    {
        if (_state is ReadState.Filling)
            _count = filled;
        else if (_state is ReadState.None || !TryTake(_buffer.Span, out _count))
            return false;

        (_state, _buffer) = (ReadState.None, default);
        return true;
    }

    /// <exception cref="IOException">The message will not come whole.</exception>
    private bool TryTake(Span<byte> destination, out int count)
    {
        count = 0;
        if (!ahead.TryRead(out var result))
            return false;

        var bytes = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, destination.Length));
        bytes.CopyTo(destination);
        count = (int)bytes.Length;
        ahead.AdvanceTo(bytes.End);
        return true;
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_state is not ReadState.Waiting)
                return;

            (_state, _buffer) = (ReadState.None, default);
        }

        Fail(new OperationCanceledException(cancellationToken));
    }

    private void StopWatching()
    {
        if (_isWatched)
            RestingPumps.Remove(this);
        _isWatched = false;
    }

    private static InvalidOperationException Left() =>
        new("The message is not read any more: its stream was disposed, or its handler has returned. Await each read before that.");

    private void Fail(Exception exception)
    {
        _read.RunContinuationsAsynchronously = true;
        _read.SetException(exception);
    }
}
