using System.IO.Compression;

namespace WsPumps.Compression;

/// <summary>Compresses whole messages, each by itself (RFC 7692, section 7.2.1).</summary>
internal static class Deflate
{
    /// <summary>What a flush leaves at the end, and a frame goes without.</summary>
    public static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    /// <returns>Null where it would not be shorter.</returns>
    public static byte[]? Compress(ReadOnlyMemory<byte> payload, CompressionLevel level)
    {
        if (payload.IsEmpty)
            return null;

        using var output = new MemoryStream(payload.Length / 2);
        using var deflate = new DeflateStream(output, level, leaveOpen: true);
        deflate.Write(payload.Span);
        deflate.Flush();
        var compressed = output.GetBuffer().AsSpan(0, (int)output.Length);
        return compressed.EndsWith(Tail) && compressed.Length - Tail.Length < payload.Length ? compressed[..^Tail.Length].ToArray() : null;
    }

    /// <returns>False when it is nothing that was compressed, or has another length.</returns>
    public static bool TryInflate(ReadOnlyMemory<byte> compressed, Span<byte> payload)
    {
        using var inflater = new MessageInflater();
        try
        {
            inflater.Feed(compressed);
            var count = ReadAll(inflater, payload);
            inflater.FeedEnd();
            return count + ReadAll(inflater, payload[count..]) == payload.Length && inflater.IsWhole();
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <exception cref="InvalidDataException">There is more than fits.</exception>
    private static int ReadAll(MessageInflater inflater, Span<byte> destination)
    {
        var length = 0;
        while (length < destination.Length && inflater.Read(destination[length..]) is > 0 and var count)
            length += count;
        Span<byte> more = stackalloc byte[1];
        return length < destination.Length || inflater.Read(more) == 0
            ? length : throw new InvalidDataException("The data is longer than it should be.");
    }
}
