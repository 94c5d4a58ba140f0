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
    private readonly long _maxSize;
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
        Message = new IncomingMessage(type, _pipe.Reader);
    }

    public IncomingMessage Message { get; }

    /// <summary>The bytes of the latest part.</summary>
    public int PartLength { get; private set; }

    /// <summary>How much may come yet.</summary>
    public long Left => _maxSize - _length;

    /// <summary>Whether it will not come whole.</summary>
    public bool IsBroken => _isBroken;

    private bool IsSkipping => _forgotten is not null;

    /// <summary>Where the next bytes belong.</summary>
    public Memory<byte> Room() => IsSkipping ? _forgotten : _pipe.Writer.GetMemory();

    /// <summary>Bytes have come.</summary>
    /// <param name="count">How many, to where <see cref="Room"/> said.</param>
    /// <param name="isEnd">Whether the message ends with them.</param>
    public ReadOutcome Add(int count, bool isEnd)
    {
        (PartLength, _isEnded) = (count, isEnd);
        _length += count;
        if (_length > _maxSize)
            return ReadOutcome.StreamTooBig;
        if (!IsSkipping)
            _pipe.Writer.Advance(count);
        else if ((_skipped += count) > IncomingMessage.MaxSkipped && !_isStopped)
            return ReadOutcome.Unwanted;
        return isEnd ? ReadOutcome.StreamEnd : ReadOutcome.StreamPart;
    }

    /// <summary>Lets the handler have what was added. Completes when there is room for more, or the handler wants no more.</summary>
    public ValueTask<FlushResult> FlushAsync() => IsSkipping || _isEnded ? default : _pipe.Writer.FlushAsync();

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
        Release();
    }

    /// <summary>The rest of it will not come, or nobody is to have it. For the pump.</summary>
    public void Break()
    {
        _isBroken = true;
        _pipe.Writer.Complete(new IOException("The connection ended before the message had come whole."));
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
    }

    /// <summary>The handler has returned, or there will be none.</summary>
    public void Leave()
    {
        if (!Interlocked.Exchange(ref _isLeft, true))
            _pipe.Reader.Complete();
    }
}
