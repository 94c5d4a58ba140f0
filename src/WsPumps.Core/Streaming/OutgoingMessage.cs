using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Streaming;

/// <summary>
/// Fills pooled buffers and hands them to the queue as fragments. It holds the one that is being filled; the queue holds
/// <see cref="StreamedMessage.MaxFragments"/> more. For one caller at a time.
/// </summary>
internal sealed class OutgoingMessage : MessageStream
{
    /// <summary>Of one fragment, with its header.</summary>
    public const int BufferSize = 32 * 1024;

    private readonly OutboundQueue _queue;
    private readonly IStreamOwner _owner;
    private readonly StreamedMessage _message;
    private readonly Queue<PreparedMessage> _filled = new();
    private MessagePipeWriter? _writer;
    private byte[]? _buffer;
    private int _length;
    private Opcode _opcode;
    private Utf8Checker _utf8;
    private bool _isComplete;
    private bool _hasFailed;
    private bool _isDisposed;

    private OutgoingMessage(WebSocketMessageType type, OutboundQueue queue, IStreamOwner owner, IWorkCounter? work)
    {
        (Type, _queue, _owner, _message) = (type, queue, owner, new StreamedMessage(work));
        _opcode = type is WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
    }

    public override WebSocketMessageType Type { get; }

    public override PipeWriter Writer => _writer ??= new MessagePipeWriter(this);

    /// <summary>What was written and not handed over.</summary>
    public long Unflushed => _length + _filled.Sum(static fragment => (long)fragment.Length);

    private int RoomLeft => _buffer is null ? 0 : _buffer.Length - FrameHeader.MaxLength - _length;

    /// <exception cref="InvalidOperationException">Another message is open.</exception>
    /// <exception cref="IOException">The connection ends.</exception>
    public static OutgoingMessage Open(WebSocketMessageType type, OutboundQueue queue, IStreamOwner owner, IWorkCounter? work)
    {
        var message = new OutgoingMessage(type, queue, owner, work);
        return queue.Open(message._message) switch
        {
            StreamOpening.Opened => message,
            StreamOpening.Busy => throw new InvalidOperationException($"A message is being streamed to client {owner.Id} already. A " +
                "WebSocket carries one message at a time (RFC 6455, section 5.4): complete that one first."),
            _ => throw new IOException($"Connection {owner.Id} is closing or has ended: no message can be opened."),
        };
    }

    /// <summary>Where the next bytes belong.</summary>
    /// <param name="sizeHint">How many of them are to fit at least.</param>
    public Memory<byte> Room(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        ThrowIfNotOpen();
        if (_buffer is not null && RoomLeft < Math.Max(1, sizeHint))
            Fill(isFinal: false);
        EnsureBuffer(sizeHint);
        return _buffer.AsMemory(FrameHeader.MaxLength + _length);
    }

    public void Advance(int count)
    {
        if (count < 0 || count > RoomLeft)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"There are {RoomLeft} bytes of room.");
        _length += count;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfNotOpen();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        var source = buffer.Span;
        Copy(ref source);
        return source.IsEmpty ? default : WriteRestAsync(buffer[^source.Length..], cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks the thread while there is no room.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ThrowIfNotOpen();
        for (Copy(ref buffer); !buffer.IsEmpty; Copy(ref buffer))
            Flush();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    public override void Flush() => HandOverAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => HandOverAsync(cancellationToken).AsTask();

    /// <summary>Hands what was written to the queue, as soon as there is room.</summary>
    /// <returns>False when <see cref="StopWaiting"/> has ended it.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> HandOverAsync(CancellationToken cancellationToken)
    {
        ThrowIfNotOpen();
        cancellationToken.ThrowIfCancellationRequested();
        if (_length > 0)
            Fill(isFinal: false);
        while (_filled.TryPeek(out var fragment))
        {
            if (_queue.TryAdd(_message, fragment, always: false))
                _filled.Dequeue();
            else if (!await WaitAsync(StreamedMessage.MaxFragments, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    public void StopWaiting() => _queue.StopWaiting(_message);

    public override Task CompleteAsync(CancellationToken cancellationToken = default)
    {
        Complete();
        return WhenSentAsync(cancellationToken);
    }

    /// <summary>Hands over the rest, whether there is room or not: it is here already.</summary>
    public void Complete()
    {
        if (_isComplete)
            return;

        ThrowIfNotOpen();
        EnsureBuffer(sizeHint: 0);
        Fill(isFinal: true);
        _isComplete = true;
        while (_filled.TryDequeue(out var fragment))
        {
            if (!_queue.TryAdd(_message, fragment, always: true))
                throw Over();
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing || Interlocked.Exchange(ref _isDisposed, true))
            return;

        if (!_isComplete && !_queue.TryTakeBack(_message) && !_message.IsOver)
            _owner.Abandoned();
        ReleaseBuffer();
        while (_filled.TryDequeue(out var fragment))
            FramePool.Return(fragment);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        while (!rest.IsEmpty)
        {
            try
            {
                await HandOverAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The caller cannot know how much of its bytes was taken.
                _hasFailed = true;
                throw;
            }

            var source = rest.Span;
            Copy(ref source);
            rest = rest[^source.Length..];
        }
    }

    /// <summary>A full buffer is handed over when more comes, so that the last one is the end of the message.</summary>
    private void Copy(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || (_buffer is not null && RoomLeft == 0))
            return;

        var room = Room(sizeHint: 0).Span;
        var length = Math.Min(room.Length, source.Length);
        source[..length].CopyTo(room);
        source = source[length..];
        _length += length;
    }

    private void EnsureBuffer(int sizeHint) =>
        _buffer ??= ArrayPool<byte>.Shared.Rent(Math.Max(BufferSize, FrameHeader.MaxLength + sizeHint));

    /// <summary>Makes a fragment of the buffer.</summary>
    private void Fill(bool isFinal)
    {
        var (buffer, length) = (_buffer!, _length);
        if (Type is WebSocketMessageType.Text)
            CheckText(buffer.AsSpan(FrameHeader.MaxLength, length), isFinal);
        (_buffer, _length) = (null, 0);
        _filled.Enqueue(PreparedMessage.Fragment(_opcode, buffer, length, isFinal));
        _opcode = Opcode.Continuation;
    }

    private void CheckText(ReadOnlySpan<byte> text, bool isFinal)
    {
        if (_utf8.Check(text) && (!isFinal || _utf8.IsComplete))
            return;

        _hasFailed = true;
        throw new ArgumentException("A text message must be valid UTF-8 (RFC 6455, section 5.6), and this one is not, or ends in the " +
            "midst of a character. Send other bytes as binary.");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(int below, CancellationToken cancellationToken)
    {
        bool released;
        var waiting = _queue.WaitAsync(_message, below);
        using (cancellationToken.UnsafeRegister(static message => ((OutgoingMessage)message!).StopWaiting(), this))
            released = await waiting.ConfigureAwait(false);
        if (!released)
            cancellationToken.ThrowIfCancellationRequested();
        return _message.IsOver ? throw Over() : released;
    }

    private async Task WhenSentAsync(CancellationToken cancellationToken)
    {
        while (!await WaitAsync(below: 1, cancellationToken).ConfigureAwait(false))
        {
            // A flush that was cancelled is none that waits for the end.
        }
    }

    private void ThrowIfNotOpen()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(MessageStream));
        if (_isComplete)
            throw new InvalidOperationException("The message is complete: nothing can be written to it any more. Open another one.");
        if (_hasFailed)
        {
            throw new InvalidOperationException("A write to this message has failed, and nobody knows how much of it was taken. " +
                "The message can only be disposed, which ends the connection if a part of it was sent.");
        }

        if (_message.IsOver)
            throw Over();
    }

    private IOException Over() => new($"Connection {_owner.Id} ended before the message was sent whole. Its completion says why.");

    private void ReleaseBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = (null, 0);
    }
}
