using System.IO.Compression;

namespace WsPumps.Core.Tests.Compression;

/// <summary>Compressed payloads and frames as a peer makes them, and what they say, by the platform's own means.</summary>
internal static class Deflated
{
    public const int Rsv1 = 4;

    public static byte[] Payload(ReadOnlySpan<byte> message)
    {
        // Section 7.2.3.6: an empty one.
        if (message.IsEmpty)
            return [0x00];

        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(message);
        deflate.Flush();
        return output.ToArray()[..^4];
    }

    public static byte[] Frame(WireOpcode opcode, ReadOnlySpan<byte> message) => ClientFrame.Build(opcode, Payload(message), reservedBits: Rsv1);

    public static byte[] Inflate(ReadOnlySpan<byte> payload)
    {
        using var input = new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]);
        using var inflate = new DeflateStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        inflate.CopyTo(output);
        return output.ToArray();
    }
}
