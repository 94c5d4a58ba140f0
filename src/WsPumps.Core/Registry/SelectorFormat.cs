using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace WsPumps.Registry;

/// <summary>
/// A selector in bytes: version, kind, the node (a list of none or one), the names, the excluded ids. A list is its length and its strings,
/// a string its length in bytes and its UTF-8; lengths are 32 bits, little endian.
/// </summary>
internal static class SelectorFormat
{
    private const byte Version = 1;

    public static void Write(AudienceSelector selector, IBufferWriter<byte> output)
    {
        output.Write([Version, (byte)selector.Kind]);
        WriteList(selector.NodeId is { } node ? [node] : [], output);
        WriteList(selector.Names, output);
        WriteList(selector.Excluded, output);
    }

    public static bool TryRead(ReadOnlySpan<byte> data, [NotNullWhen(true)] out AudienceSelector? selector, out int bytesRead)
    {
        (selector, bytesRead) = (null, 0);
        var left = data;
        if (left.Length < 2 || left[0] != Version || left[1] > (byte)AudienceKind.Clients)
            return false;

        var kind = (AudienceKind)left[1];
        left = left[2..];
        if (!TryReadList(ref left, out var nodes) || nodes.Length > 1 || !TryReadList(ref left, out var names)
            || !TryReadList(ref left, out var excluded))
        {
            return false;
        }

        selector = new AudienceSelector(kind, names, excluded, nodes.FirstOrDefault());
        bytesRead = data.Length - left.Length;
        return true;
    }

    private static void WriteList(IReadOnlyList<string> strings, IBufferWriter<byte> output)
    {
        WriteLength(strings.Count, output);
        foreach (var text in strings)
        {
            WriteLength(Encoding.UTF8.GetByteCount(text), output);
            Encoding.UTF8.GetBytes(text, output);
        }
    }

    private static void WriteLength(int length, IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), length);
        output.Advance(sizeof(int));
    }

    private static bool TryReadList(ref ReadOnlySpan<byte> data, out string[] strings)
    {
        strings = [];
        // Each string takes its length at least, so that no count is believed which the bytes could not hold.
        if (!TryReadLength(ref data, out var count) || count > data.Length / sizeof(int))
            return false;

        strings = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryReadLength(ref data, out var length) || length > data.Length)
                return false;

            strings[i] = Encoding.UTF8.GetString(data[..length]);
            data = data[length..];
        }

        return true;
    }

    private static bool TryReadLength(ref ReadOnlySpan<byte> data, out int length)
    {
        if (!BinaryPrimitives.TryReadInt32LittleEndian(data, out length) || length < 0)
            return false;

        data = data[sizeof(int)..];
        return true;
    }
}
