using System.Buffers;
using System.Net.WebSockets;

namespace WsPumps.Framing;

/// <summary>
/// The frames of a peer, from a stream: checks each byte once, when it has come, and gives what the bytes hold step by step. Between two
/// reads that brought everything it has no buffer.
/// </summary>
/// <remarks>
/// For one caller at a time: <see cref="Next"/> until it needs bytes, then <see cref="FillAsync"/> and, when that has ended,
/// <see cref="Filled"/>. Filling is no async method, so that an idle connection holds no state machine for it.
/// </remarks>
internal sealed class FrameDecoder(Stream stream, bool isMasked, bool mayCompress = false)
{
    public const int BufferSize = 8 * 1024;

    /// <summary>From this size on a payload is read to where it belongs, instead of being moved there.</summary>
    private const int MinDirect = 4 * 1024;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private Memory<byte> _direct;
    private bool _isProbe;
    private bool _hasBytes;

    private bool _inFrame;
    private bool _inMessage;
    private IncomingHeader _frame;
    private ulong _left;
    private uint _maskKey;
    private Utf8Checker _utf8;
    private (int Start, int Length) _control;
    private bool _hadClose;

    /// <summary>The rule that the peer broke; null while there is none.</summary>
    public FrameError? Error { get; private set; }

    /// <summary>The type of the message that a step of data belongs to.</summary>
    public WebSocketMessageType MessageType { get; private set; }

    /// <summary>Whether that message is compressed. What its text says is then for the caller to check.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>How much of the frame's payload was not read yet. For a step of data.</summary>
    public ulong PayloadLeft => _left;

    /// <summary>How much of that is there.</summary>
    public int PayloadAvailable => (int)Math.Min(_left, (ulong)(_end - _start));

    /// <summary>Whether the last read has only waited: there is something to read now.</summary>
    public bool HasBytes => _hasBytes;

    /// <summary>Whether neither a message nor a frame has begun.</summary>
    public bool IsAtRest => !_inMessage && _start == _end;

    /// <summary>Whether what was read last ended its message.</summary>
    public bool MessageEnded { get; private set; }

    /// <summary>The payload of the control frame that was the last step; until the next step.</summary>
    public ReadOnlySpan<byte> ControlPayload => _buffer.AsSpan(_control.Start, _control.Length);

    private ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Looks at what has been read. Costs nothing to repeat.</summary>
    public FrameStep Next()
    {
        MessageEnded = false;
        if (Error is not null)
            return FrameStep.Error;
        if (_inFrame)
            return _left == 0 || _start < _end ? FrameStep.Data : NeedBytes();

        return BeginFrame();
    }

    /// <summary>Moves payload to where it belongs. To be called in a step of data, as long as it is one.</summary>
    /// <returns>How many bytes. What they say may be wrong: then the next step is <see cref="FrameStep.Error"/>.</returns>
    public int Read(Span<byte> destination)
    {
        var length = (int)Math.Min((ulong)Math.Min(destination.Length, _end - _start), _left);
        _maskKey = Masking.Apply(_buffer.AsSpan(_start, length), destination, _maskKey);
        _start += length;
        Taken(destination[..length]);
        return length;
    }

    /// <summary>Reads from the stream once: first without a buffer, to wait for bytes; when there are some, into one.</summary>
    /// <param name="payload">Where the payload of the frame that was begun may be read to; empty for nowhere.</param>
    /// <param name="cancellationToken">Goes to the stream.</param>
    /// <returns>What <see cref="Filled"/> is to be told.</returns>
    public ValueTask<int> FillAsync(Memory<byte> payload, CancellationToken cancellationToken)
    {
        _isProbe = false;
        if (_inFrame && _start == _end && Math.Min((ulong)payload.Length, _left) is var length and >= MinDirect)
        {
            _direct = payload[..(int)length];
            _hasBytes = false;
            return stream.ReadAsync(_direct, cancellationToken);
        }

        if (_buffer is null && !_hasBytes)
        {
            _isProbe = true;
            return stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
        }

        _hasBytes = false;
        MakeRoom();
        return stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
    }

    /// <summary>Tells how much a read has brought.</summary>
    /// <param name="count">What <see cref="FillAsync"/> returned.</param>
    /// <param name="direct">How many bytes of payload are where they belong already.</param>
    /// <returns>False when the stream has ended.</returns>
    public bool Filled(int count, out int direct)
    {
        direct = 0;
        if (_isProbe)
        {
            _hasBytes = true;
            return true;
        }

        if (_direct.IsEmpty)
        {
            _end += count;
        }
        else
        {
            var bytes = _direct.Span[..count];
            _direct = default;
            _maskKey = Masking.Apply(bytes, bytes, _maskKey);
            direct = count;
            Taken(bytes);
        }

        return count > 0;
    }

    /// <summary>
    /// Reads and discards, until the peer's close frame or the end of the stream. Whether what comes is valid no longer matters.
    /// </summary>
    /// <param name="pause">Waits so long, where a peer keeps sending.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the close frame carries; null where none was found, or a wrong one.</returns>
    public async Task<byte[]?> FindCloseAsync(Func<TimeSpan, CancellationToken, Task> pause, CancellationToken cancellationToken)
    {
        if (_hadClose)
            return null;

        var seeker = new CloseSeeker(_left);
        while (!seeker.Find(Buffered))
        {
            if (seeker.NeedsPause())
                await pause(CloseSeeker.Pause, cancellationToken).ConfigureAwait(false);
            _start = _end;
            if (!Filled(await FillAsync(default, cancellationToken).ConfigureAwait(false), out _))
                return null;
        }

        return seeker.Body;
    }

    /// <summary>What was read breaks a rule that only the caller could see.</summary>
    public void Refuse(FrameError error) => Fail(error);

    /// <summary>Gives the buffer back, with what is in it. Not while the stream is being read.</summary>
    public void Release()
    {
        if (_buffer is { Length: > 0 } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        (_buffer, _start, _end) = (null, 0, 0);
    }

    /// <returns>Data with the header alone: what it announces can be refused before it has come.</returns>
    private FrameStep BeginFrame()
    {
        var length = IncomingHeader.Read(Buffered, isMasked, mayCompress, _inMessage, out var header, out var error);
        if (error is not null)
            return Fail(error);
        if (length == 0)
            return NeedBytes();
        if (header.Opcode >= Opcode.Close)
            return ControlStep(header, length);

        _start += length;
        (_frame, _left, _maskKey, _inFrame) = (header, header.PayloadLength, header.MaskKey, true);
        if (header.Opcode is not Opcode.Continuation)
            (MessageType, _inMessage) = (header.Opcode is Opcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary, true);
        if (header.Opcode is not Opcode.Continuation)
            IsCompressed = header.IsCompressed;
        return FrameStep.Data;
    }

    private FrameStep ControlStep(in IncomingHeader header, int headerLength)
    {
        var length = (int)header.PayloadLength;
        if (Buffered.Length < headerLength + length)
            return NeedBytes();

        _control = (_start + headerLength, length);
        _start += headerLength + length;
        var payload = _buffer.AsSpan(_control.Start, length);
        Masking.Apply(payload, payload, header.MaskKey);
        _hadClose = header.Opcode is Opcode.Close;
        if (_hadClose && CloseStatus.ErrorIn(payload) is { } error)
            return Fail(error);

        return header.Opcode switch { Opcode.Close => FrameStep.Close, Opcode.Ping => FrameStep.Ping, _ => FrameStep.Pong };
    }

    private void Taken(ReadOnlySpan<byte> payload)
    {
        _left -= (ulong)payload.Length;
        _inFrame = _left > 0;
        MessageEnded = !_inFrame && _frame.IsFinal;
        _inMessage = !MessageEnded;
        if (!IsCompressed && MessageType is WebSocketMessageType.Text && (!_utf8.Check(payload) || (MessageEnded && !_utf8.IsComplete)))
            Fail(FrameError.Utf8);
    }

    private FrameStep NeedBytes()
    {
        if (_start == _end)
            Release();
        return FrameStep.NeedsBytes;
    }

    private FrameStep Fail(FrameError error)
    {
        Error = error;
        return FrameStep.Error;
    }

    /// <summary>
    /// Room for what is to be read, with the beginning of a frame in front of it: never more than a header and a control frame's payload.
    /// </summary>
    private void MakeRoom()
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            return;
        }

        Buffered.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
    }
}
