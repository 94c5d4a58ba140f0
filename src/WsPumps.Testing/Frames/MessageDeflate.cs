using System.IO.Compression;

namespace WsPumps.Testing.Frames;

/// <summary>
/// Compressed payloads of whole messages, each by itself (RFC 7692, section 7.2). The platform's own means, so that tests don't repeat a
/// mistake of the library.
/// </summary>
internal static class MessageDeflate
{
    /// <summary>Of the frame that begins a compressed message.</summary>
    public const int Rsv1 = 4;

    public const string Extension = "permessage-deflate";

    private static readonly byte[] Tail = [0x00, 0x00, 0xFF, 0xFF];

    public static byte[] Compress(ReadOnlySpan<byte> payload)
    {
        // What section 7.2.3.6 has for nothing.
        if (payload.IsEmpty)
            return [0x00];

        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(payload);
        deflate.Flush();
        return output.ToArray()[..^Tail.Length];
    }

    /// <exception cref="WireViolationException">It is nothing that was compressed.</exception>
    public static byte[] Inflate(byte[] payload)
    {
        using var input = new MemoryStream([.. payload, .. Tail]);
        using var inflate = new DeflateStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        try
        {
            inflate.CopyTo(output);
            return output.ToArray();
        }
        catch (InvalidDataException exception)
        {
            throw new WireViolationException($"A compressed message cannot be decompressed (RFC 7692, section 7.2.2): {exception.Message}");
        }
    }
}
