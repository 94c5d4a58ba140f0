using System.Buffers.Binary;

namespace WsPumps.Framing;

/// <summary>The header of a frame of the peer's (RFC 6455, section 5.2).</summary>
/// <param name="Opcode">The frame's type.</param>
/// <param name="IsFinal">Whether the message ends with it.</param>
/// <param name="PayloadLength">In bytes.</param>
/// <param name="MaskKey">As <see cref="Masking"/> takes it; 0 where there is none.</param>
/// <param name="IsCompressed">Whether the message that begins is compressed (RFC 7692, section 6).</param>
internal readonly record struct IncomingHeader(Opcode Opcode, bool IsFinal, ulong PayloadLength, uint MaskKey, bool IsCompressed)
{
    private const byte Final = 0x80;
    private const byte ReservedBits = 0x70;
    private const byte Compressed = 0x40;
    private const byte Masked = 0x80;
    private const int FixedLength = 2;
    private const int Length16 = 126;
    private const int Length64 = 127;

    /// <summary>Reads a header and judges it, each bit as soon as it has come.</summary>
    /// <param name="bytes">What has come so far, from the header's first byte on.</param>
    /// <param name="isMasked">Whether this peer has to mask: a client has to, a server must not.</param>
    /// <param name="mayCompress">Whether compression was agreed on.</param>
    /// <param name="inMessage">Whether a message was begun and has not ended.</param>
    /// <param name="header">The header, where it is whole.</param>
    /// <param name="error">The rule that is broken; null where none is so far.</param>
    /// <returns>The header's length; 0 where it is not whole yet, or wrong.</returns>
    public static int Read(ReadOnlySpan<byte> bytes, bool isMasked, bool mayCompress, bool inMessage, out IncomingHeader header,
        out FrameError? error)
    {
        header = default;
        error = bytes.IsEmpty ? null : Judge(bytes[0], mayCompress, inMessage);
        if (bytes.Length < FixedLength || error is not null)
            return 0;

        error = Judge(bytes[0], bytes[1], isMasked);
        var length7 = bytes[1] & ~Masked;
        var maskAt = FixedLength + length7 switch { Length64 => sizeof(ulong), Length16 => sizeof(ushort), _ => 0 };
        if (bytes.Length < maskAt || error is not null)
            return 0;

        var (length, shortest) = length7 switch
        {
            Length64 => (BinaryPrimitives.ReadUInt64BigEndian(bytes[FixedLength..]), ushort.MaxValue + 1UL),
            Length16 => (BinaryPrimitives.ReadUInt16BigEndian(bytes[FixedLength..]), (ulong)Length16),
            _ => ((ulong)length7, 0UL),
        };
        error = length > long.MaxValue ? FrameError.HugeLength : length < shortest ? FrameError.LongLength : null;
        var end = isMasked ? maskAt + sizeof(uint) : maskAt;
        if (bytes.Length < end || error is not null)
            return 0;

        header = new IncomingHeader(OpcodeOf(bytes[0]), (bytes[0] & Final) != 0, length, isMasked ? Masking.ReadKey(bytes[maskAt..]) : 0,
            (bytes[0] & Compressed) != 0);
        return end;
    }

    private static FrameError? Judge(byte first, bool mayCompress, bool inMessage)
    {
        // Only the frame that begins a message says that it is compressed.
        var reserved = mayCompress && OpcodeOf(first) is (Opcode.Text or Opcode.Binary) ? ReservedBits & ~Compressed : ReservedBits;
        if ((first & reserved) != 0)
            return FrameError.ReservedBit;

        return OpcodeOf(first) switch
        {
            Opcode.Text or Opcode.Binary => inMessage ? FrameError.Unfinished : null,
            Opcode.Continuation => inMessage ? null : FrameError.NothingToContinue,
            Opcode.Close or Opcode.Ping or Opcode.Pong => (first & Final) == 0 ? FrameError.FragmentedControl : null,
            _ => FrameError.ReservedOpcode,
        };
    }

    private static FrameError? Judge(byte first, byte second, bool isMasked)
    {
        if ((second & Masked) != 0 != isMasked)
            return isMasked ? FrameError.NotMasked : FrameError.Masked;

        return OpcodeOf(first) >= Opcode.Close && (second & ~Masked) >= Length16 ? FrameError.LongControl : null;
    }

    private static Opcode OpcodeOf(byte first) => (Opcode)(first & 0x0F);
}
