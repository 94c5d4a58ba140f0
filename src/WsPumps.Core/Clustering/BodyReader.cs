using System.Buffers.Binary;
using System.Text;

namespace WsPumps.Clustering;

/// <summary>
/// Reads what <see cref="BodyWriter"/> has written. What is not there reads as zero or empty, and <see cref="IsValid"/> turns false.
/// </summary>
internal ref struct BodyReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;
    private bool _failed;

    public readonly bool IsValid => !_failed;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Passes over what was read from <see cref="Rest"/>.</summary>
    public void Skip(int count) => Take(count);

    public byte ReadByte()
    {
        var bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    public long ReadNumber()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1);
            if (next.IsEmpty)
                return 0;

            value |= (ulong)(next[0] & 0x7F) << shift;
            if (next[0] < 0x80)
                return (long)value;
        }

        _failed = true;
        return 0;
    }

    /// <summary>A number that counts what follows, each of at least one byte: no more than there are bytes.</summary>
    public int ReadCount()
    {
        var count = ReadNumber();
        if (count >= 0 && count <= _rest.Length)
            return (int)count;

        _failed = true;
        return 0;
    }

    public ulong ReadUInt64()
    {
        var bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>The length and as many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => Take(ReadCount());

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    public string[] ReadTexts()
    {
        var texts = new string[ReadCount()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = ReadText();
        return texts;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_failed || count > _rest.Length)
        {
            _failed = true;
            return [];
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
