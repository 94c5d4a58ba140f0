using System.Buffers.Binary;

namespace WsPumps.Framing;

/// <summary>
/// Writes the header of a frame (RFC 6455, section 5.2). A server's are not masked: the same payload has the same bytes for every client.
/// </summary>
internal static class FrameHeader
{
    /// <summary>Of a header without a mask.</summary>
    public const int MaxLength = 10;

    public const int MaskLength = sizeof(uint);

    private const byte Final = 0x80;
    private const byte Masked = 0x80;
    private const byte Compressed = 0x40;
    private const byte Length16 = 126;
    private const byte Length64 = 127;

    /// <summary>Of a header without a mask.</summary>
    public static int LengthFor(int payloadLength) => payloadLength switch
    {
        < Length16 => 2,
        <= ushort.MaxValue => 4,
        _ => MaxLength,
    };

    /// <summary>Writes <see cref="LengthFor"/> bytes to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="opcode">The frame's type.</param>
    /// <param name="payloadLength">In bytes.</param>
    /// <param name="isFinal">Whether the message ends with this frame.</param>
    /// <param name="isMasked">Whether the four bytes of a key will follow.</param>
    public static void Write(Span<byte> destination, Opcode opcode, int payloadLength, bool isFinal = true, bool isMasked = false)
    {
        var masked = isMasked ? Masked : (byte)0;
        destination[0] = (byte)((isFinal ? Final : 0) | (byte)opcode);
        switch (LengthFor(payloadLength))
        {
            case 2:
                destination[1] = (byte)(masked | payloadLength);
                break;
            case 4:
                destination[1] = (byte)(masked | Length16);
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                break;
            default:
                destination[1] = (byte)(masked | Length64);
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
                break;
        }
    }

    /// <summary>Says of a frame that begins a message that it is compressed (RFC 7692, section 6).</summary>
    public static void MarkCompressed(Span<byte> frame) => frame[0] |= Compressed;

    /// <summary>Whether the message ends with the frame.</summary>
    public static bool IsFinal(ReadOnlySpan<byte> frame) => (frame[0] & Final) != 0;

    public static Opcode OpcodeOf(ReadOnlySpan<byte> frame) => (Opcode)(frame[0] & 0x0F);

    /// <summary>The length of the unmasked frame at the start of <paramref name="frames"/>, header and payload.</summary>
    public static int LengthOf(ReadOnlySpan<byte> frames) => frames[1] switch
    {
        Length16 => LengthFor(Length16) + BinaryPrimitives.ReadUInt16BigEndian(frames[2..]),
        Length64 => MaxLength + (int)BinaryPrimitives.ReadUInt64BigEndian(frames[2..]),
        var length => LengthFor(length) + length,
    };

    /// <summary>The payload of an unmasked frame.</summary>
    public static ReadOnlyMemory<byte> PayloadOf(ReadOnlyMemory<byte> frame) => frame[HeaderLengthOf(frame.Span)..];

    /// <summary>The length of the header of a frame without a mask.</summary>
    public static int HeaderLengthOf(ReadOnlySpan<byte> frame) => frame[1] switch
    {
        Length16 => LengthFor(Length16),
        Length64 => MaxLength,
        _ => LengthFor(0),
    };

    /// <summary>Says in the header that a key follows it.</summary>
    public static void SetMasked(Span<byte> frame) => frame[1] |= Masked;

    /// <summary>The payload of an unmasked control frame, whose length always fits seven bits.</summary>
    public static ReadOnlySpan<byte> ControlPayloadOf(ReadOnlySpan<byte> frame) => frame[2..];
}
