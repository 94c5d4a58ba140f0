using System.Buffers.Binary;

namespace WsPumps.Testing.Frames;

/// <summary>Reads the frames of a server and accepts nothing that RFC 6455 does not allow it to send.</summary>
/// <param name="source">What the server sends.</param>
/// <param name="mayCompress">Whether compression was agreed on.</param>
internal sealed class FrameReader(ByteSource source, bool mayCompress = false)
{
    private const int ReservedBits = 0x70;
    private const int Compressed = 0x40;

    private readonly MessageRules _rules = new();

    public FrameReader(Stream stream)
        : this(new ByteSource(stream))
    {
    }

    /// <returns>Null at the end of the stream, which may only be between two frames.</returns>
    public async ValueTask<WireFrame?> ReadAsync()
    {
        if (!await source.FillAsync(2))
            return source.Buffered.IsEmpty ? null : throw new EndOfStreamException("The stream ends inside a header.");

        var (first, second) = (source.Buffered[0], source.Buffered[1]);
        source.Skip(2);
        if ((second & 0x80) != 0)
            throw new WireViolationException("A server's frame is masked (section 5.1).");
        var opcode = (WireOpcode)(first & 0x0F);
        var isCompressed = mayCompress && opcode is (WireOpcode.Text or WireOpcode.Binary) && (first & ReservedBits) == Compressed;
        if ((first & ReservedBits) != 0 && !isCompressed)
            throw new WireViolationException("A reserved bit is set (section 5.2).");

        var payload = new byte[await ReadLengthAsync(second)];
        if (!await source.ReadExactlyAsync(payload))
            throw new EndOfStreamException("The stream ends inside a payload.");

        var frame = new WireFrame((first & 0x80) != 0, opcode, payload) { IsCompressed = isCompressed };
        _rules.Check(frame);
        return frame;
    }

    private async ValueTask<int> ReadLengthAsync(byte length7)
    {
        var extended = length7 switch { 126 => 2, 127 => 8, _ => 0 };
        if (extended == 0)
            return length7;
        if (!await source.FillAsync(extended))
            throw new EndOfStreamException("The stream ends inside a length.");

        var length = extended == 2
            ? BinaryPrimitives.ReadUInt16BigEndian(source.Buffered)
            : BinaryPrimitives.ReadUInt64BigEndian(source.Buffered);
        source.Skip(extended);
        if (length <= (extended == 2 ? 125u : ushort.MaxValue))
            throw new WireViolationException($"The length {length} is not in its shortest form (section 5.2).");
        return checked((int)length);
    }
}
