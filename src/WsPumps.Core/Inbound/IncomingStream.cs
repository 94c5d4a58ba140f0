using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;

namespace WsPumps.Inbound;

/// <summary>
/// A message on its way from the read pump to its handler. The pump fills it and waits where the handler does not keep up; what the handler
/// no longer wants is discarded, up to a bound.
/// </summary>
internal sealed class IncomingStream
{
    private const int SkippedAtOnce = 4 * 1024;

    private readonly Pipe _pipe;
    private readonly StreamHandOver? _handOver;
    private readonly long _maxSize;
    private bool _isDirect;
    private long _length;
    private long _skipped;
    private byte[]? _forgotten;
    private bool _isEnded;
    private bool _isLeft;
    private volatile bool _isStopped;
    private volatile bool _isBroken;

    public IncomingStream(WebSocketMessageType type, StreamedInput input)
    {
        _pipe = new Pipe(input.Buffers);
        _maxSize = input.MaxSize;
        _handOver = input.IsDirect ? new StreamHandOver(_pipe.Reader) : null;
        Message = _handOver is null ? new IncomingMessage(type, _pipe.Reader)
            : new IncomingMessage(type, _pipe.Reader, new IncomingMessageStream(_handOver, _pipe.Reader));
    }

    public IncomingMessage Message { get; }

    /// <summary>The bytes of the latest part.</summary>
    public int PartLength { get; private set; }

    /// <summary>How much may come yet.</summary>
    public long Left => _maxSize - _length;

    /// <summary>Whether it will not come whole.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>Whether the pump waits for the handler to read on.</summary>
    public bool IsResting => _handOver is { IsResting: true };

    private bool IsSkipping => _forgotten is not null;

    /// <summary>Where the next bytes belong, which may take their time to come.</summary>
    public Memory<byte> Room()
    {
        _isDirect = false;
        return IsSkipping ? _forgotten : _pipe.Writer.GetMemory();
    }

    /// <summary>Where bytes belong that are there: the buffer of a read that waits for them, if one does.</summary>
    public Memory<byte> RoomNow()
    {
        if (IsSkipping || _handOver is null || !_handOver.TryClaim(out var buffer))
            return Room();

        _isDirect = true;
        return buffer;
    }

    /// <summary>Nothing is there.</summary>
    public void NoRoom() => _handOver?.Unclaim();

    /// <summary>Bytes have come.</summary>
    /// <param name="count">How many, to where <see cref="Room"/> or <see cref="RoomNow"/> said.</param>
    /// <param name="isEnd">Whether the message ends with them.</param>
    public ReadOutcome Add(int count, bool isEnd)
    {
        (PartLength, _isEnded) = (count, isEnd);
        _length += count;
        if (_length > _maxSize)
            return ReadOutcome.StreamTooBig;
        if (!IsSkipping && !_isDirect)
            _pipe.Writer.Advance(count);
        else if (IsSkipping && (_skipped += count) > IncomingMessage.MaxSkipped && !_isStopped)
            return ReadOutcome.Unwanted;
        return isEnd ? ReadOutcome.StreamEnd : ReadOutcome.StreamPart;
    }

    /// <summary>Lets the handler have what was added. Completes when there is room for more, or the handler wants no more.</summary>
    public ValueTask<FlushResult> FlushAsync() => IsSkipping || _isEnded || _isDirect ? default : _pipe.Writer.FlushAsync();

    /// <inheritdoc cref="StreamHandOver.HandOverAsync"/>
    public ValueTask HandOverAsync() => _handOver?.HandOverAsync(PartLength) ?? default;

    /// <summary>Takes what <see cref="FlushAsync"/> brought.</summary>
    public void Flushed(FlushResult result)
    {
        if (_isStopped && !_isEnded)
            Break();
        if ((result.IsCompleted || _isBroken) && !IsSkipping)
            _forgotten = ArrayPool<byte>.Shared.Rent(SkippedAtOnce);
    }

    /// <summary>All of it has come.</summary>
    public void End()
    {
        _pipe.Writer.Complete();
        _handOver?.End(PartLength);
        Release();
    }

    /// <summary>The rest of it will not come, or nobody is to have it. For the pump.</summary>
    public void Break()
    {
        _isBroken = true;
        var exception = new IOException("The connection ended before the message had come whole.");
        _pipe.Writer.Complete(exception);
        _handOver?.Break(exception);
    }

    /// <summary>The pump has left it.</summary>
    public void Release()
    {
        if (_forgotten is not null)
            ArrayPool<byte>.Shared.Return(_forgotten);
        _forgotten = null;
    }

    /// <summary>Nobody is to have the rest of it: the pump breaks it at its next step. From any thread.</summary>
    public void Stop()
    {
        _isStopped = true;
        _pipe.Writer.CancelPendingFlush();
        _handOver?.Wake();
    }

    /// <summary>The handler has returned, or there will be none.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _isLeft, true))
            return;

        _handOver?.Leave();
        _pipe.Reader.Complete();
        _handOver?.Wake();
    }
}
