using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace WsPumps.Clustering;

/// <summary>Writes envelopes. One for each thread, used again and again; what leaves it is a copy.</summary>
internal sealed class BodyWriter : IBufferWriter<byte>
{
    private const int MaxKept = 64 * 1024;

    [ThreadStatic]
    private static BodyWriter? _ofThread;

    private ArrayBufferWriter<byte> _buffer = new(512);

    private BodyWriter()
    {
    }

    /// <summary>The writer of this thread, empty.</summary>
    public static BodyWriter Begin()
    {
        var writer = _ofThread ??= new BodyWriter();
        if (writer._buffer.Capacity > MaxKept)
            writer._buffer = new ArrayBufferWriter<byte>(512);
        writer._buffer.ResetWrittenCount();
        return writer;
    }

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public void WriteByte(byte value)
    {
        GetSpan(1)[0] = value;
        Advance(1);
    }

    /// <summary>Seven bits in each byte, the lowest first.</summary>
    public void WriteNumber(long value)
    {
        var rest = (ulong)value;
        var span = GetSpan(10);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7)
            span[length++] = (byte)(rest | 0x80);
        span[length++] = (byte)rest;
        Advance(length);
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(GetSpan(8), value);
        Advance(8);
    }

    /// <summary>The length in bytes and the text as UTF-8.</summary>
    public void WriteText(string value)
    {
        WriteNumber(Encoding.UTF8.GetByteCount(value));
        Advance(Encoding.UTF8.GetBytes(value, GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length))));
    }

    public void WriteTexts(IReadOnlyCollection<string> values)
    {
        WriteNumber(values.Count);
        foreach (var value in values)
            WriteText(value);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}
