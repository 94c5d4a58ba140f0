namespace WsPumps.Framing;

/// <summary>A frame in an array: its header, and behind it the payload.</summary>
/// <remarks>A mutable struct, 16 bytes of each message: lengths of headers fit a byte.</remarks>
internal struct EncodedFrame
{
    private byte[] _buffer;
    private byte _start;
    private byte _headerLength;

    /// <summary>A frame whose payload is still to be written.</summary>
    /// <exception cref="ArgumentException">The payload would be longer than <see cref="PreparedMessage.MaxLength"/>.</exception>
    public EncodedFrame(Opcode opcode, int length)
    {
        if (length > PreparedMessage.MaxLength)
        {
            throw new ArgumentException($"A message of {length} bytes is over the limit of {PreparedMessage.MaxLength} bytes " +
                "(PreparedMessage.MaxLength).");
        }

        _buffer = GC.AllocateUninitializedArray<byte>(FrameHeader.LengthFor(length) + length);
        WriteHeader(opcode, length);
    }

    /// <summary>A frame around a payload that was written behind room for the longest header.</summary>
    public EncodedFrame(Opcode opcode, byte[] buffer, int length, bool isFinal = true)
    {
        _buffer = buffer;
        _start = (byte)(FrameHeader.MaxLength - FrameHeader.LengthFor(length));
        WriteHeader(opcode, length, isFinal);
    }

    /// <summary>An array without a frame.</summary>
    public EncodedFrame(byte[] buffer) => _buffer = buffer;

    public Opcode Opcode { get; private set; }

    /// <summary>Of the payload.</summary>
    public int PayloadLength { get; private set; }

    /// <summary>Of header and payload.</summary>
    public readonly int Length => _headerLength + PayloadLength;

    public readonly ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(_start, Length);

    public readonly ReadOnlyMemory<byte> Payload => _buffer.AsMemory(_start + _headerLength, PayloadLength);

    /// <summary>The payload, to be written.</summary>
    public readonly Span<byte> Body => _buffer.AsSpan(_start + _headerLength, PayloadLength);

    public readonly void MarkCompressed() => FrameHeader.MarkCompressed(_buffer.AsSpan(_start));

    /// <summary>Begins anew at the start of an array that is long enough.</summary>
    public void Begin(Opcode opcode, byte[] buffer, int length)
    {
        (_buffer, _start) = (buffer, 0);
        WriteHeader(opcode, length);
    }

    /// <summary>Gives up the array.</summary>
    public byte[] TakeBuffer()
    {
        var buffer = _buffer;
        this = new EncodedFrame([]);
        return buffer;
    }

    private void WriteHeader(Opcode opcode, int length, bool isFinal = true)
    {
        (Opcode, PayloadLength, _headerLength) = (opcode, length, (byte)FrameHeader.LengthFor(length));
        FrameHeader.Write(_buffer.AsSpan(_start), opcode, length, isFinal);
    }
}
