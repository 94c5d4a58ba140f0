using System.IO.Compression;
using System.Text;

namespace WsPumps.Load.Protocols;

/// <summary>Messages as they are compressed by permessage-deflate (RFC 7692, section 7.2.1).</summary>
internal static class CompressedMessage
{
    private const int LengthOfEnd = 4;

    /// <summary>A list of quotes, which is compressed to about a fourth. It carries no time stamp.</summary>
    public static OutgoingMessage OfJson(int length)
    {
        var json = new StringBuilder("[");
        // The same numbers each time: what is compared is the same for all.
        for (var random = new Random(Seed: 1); json.Length < length;)
            json.Append(System.Globalization.CultureInfo.InvariantCulture, $$"""{"symbol":"AB{{random.Next(10, 99)}}","bid":{{random.Next(9000, 9999) / 100.0}},"size":{{random.Next(1, 9)}}00},""");
        json.Length = length - 1;
        return new OutgoingMessage(isText: true, Compress(Encoding.ASCII.GetBytes(json.Append(']').ToString())), stampOffset: -1, isCompressed: true);
    }

    private static ReadOnlySpan<byte> Compress(byte[] payload)
    {
        var compressed = new MemoryStream();
        using var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true);
        deflate.Write(payload);
        deflate.Flush();
        return compressed.ToArray().AsSpan(..^LengthOfEnd);
    }
}
