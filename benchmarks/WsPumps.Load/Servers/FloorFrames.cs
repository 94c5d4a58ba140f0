using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace WsPumps.Load.Servers;

/// <summary>Turns the masked frames of a client into those a server sends.</summary>
internal static class FloorFrames
{
    /// <summary>Of a masked frame.</summary>
    public const int MaxHeader = 14;

    private const int MaskLength = 4;
    private const byte CloseOpcode = 0x8;

    /// <summary>The length of the first frame in <paramref name="bytes"/>; that of the longest header while it is not known yet.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && bytes.Length >= HeaderOf(bytes) + MaskLength ? HeaderOf(bytes) + MaskLength + PayloadOf(bytes) : MaxHeader;

    /// <summary>Writes all whole frames without their masks, one behind the other.</summary>
    public static (int Consumed, int Written, bool Closes) Unmask(ReadOnlySpan<byte> bytes, Span<byte> output)
    {
        int consumed = 0, written = 0;
        while (bytes[consumed..] is var frame && LengthOf(frame) is var length && length <= frame.Length)
        {
            var header = HeaderOf(frame);
            frame[..header].CopyTo(output[written..]);
            output[written + 1] &= 0x7F;
            Unmask(frame[(header + MaskLength)..length], frame[header..], output[(written + header)..]);
            consumed += length;
            written += length - MaskLength;
            if ((frame[0] & 0x0F) == CloseOpcode)
                return (consumed, written, true);
        }

        return (consumed, written, false);
    }

    private static void Unmask(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mask, Span<byte> output)
    {
        var mask32 = MemoryMarshal.Read<uint>(mask);
        var mask64 = mask32 | ((ulong)mask32 << 32);
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        var outputWords = MemoryMarshal.Cast<byte, ulong>(output);
        for (var i = 0; i < words.Length; i++)
            outputWords[i] = words[i] ^ mask64;
        for (var i = words.Length * sizeof(ulong); i < payload.Length; i++)
            output[i] = (byte)(payload[i] ^ mask[i % MaskLength]);
    }

    private static int HeaderOf(ReadOnlySpan<byte> bytes) => (bytes[1] & 0x7F) switch
    {
        126 => 4,
        127 => 10,
        _ => 2,
    };

    private static int PayloadOf(ReadOnlySpan<byte> bytes) => HeaderOf(bytes) switch
    {
        4 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        10 => (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
        _ => bytes[1] & 0x7F,
    };
}
