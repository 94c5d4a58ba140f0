using System.Runtime.InteropServices;

namespace WsPumps.Framing;

/// <summary>
/// Masks whole frames for the client's end of a connection (RFC 6455, section 5.3): each with a key of its own that nobody can predict. For
/// one write at a time, whose bytes stay valid until the next one.
/// </summary>
internal sealed class FrameMasker
{
    /// <summary>A larger buffer is not kept: a connection that once sent much would hold it as long as it lives.</summary>
    private const int MaxKept = 64 * 1024;

    private readonly MaskingKeys _keys = new();
    private byte[] _buffer = [];

    /// <param name="frames">Whole frames without masks.</param>
    public ReadOnlyMemory<byte> Mask(ReadOnlySpan<byte> frames)
    {
        var buffer = BufferFor(frames.Length + (Count(frames) * FrameHeader.MaskLength));
        var rest = buffer.AsSpan();
        while (!frames.IsEmpty)
        {
            var frame = frames[..FrameHeader.LengthOf(frames)];
            rest = rest[MaskOne(frame, rest, _keys.Next())..];
            frames = frames[frame.Length..];
        }

        return buffer.AsMemory(0, buffer.Length - rest.Length);
    }

    private static int MaskOne(ReadOnlySpan<byte> frame, Span<byte> masked, uint key)
    {
        var header = FrameHeader.HeaderLengthOf(frame);
        frame[..header].CopyTo(masked);
        FrameHeader.SetMasked(masked);
        MemoryMarshal.Write(masked[header..], key);
        Masking.Apply(frame[header..], masked[(header + FrameHeader.MaskLength)..], key);
        return frame.Length + FrameHeader.MaskLength;
    }

    private static int Count(ReadOnlySpan<byte> frames)
    {
        var count = 0;
        for (; !frames.IsEmpty; count++)
            frames = frames[FrameHeader.LengthOf(frames)..];
        return count;
    }

    private byte[] BufferFor(int length)
    {
        if (length <= _buffer.Length)
            return _buffer;

        var buffer = GC.AllocateUninitializedArray<byte>(length);
        if (length <= MaxKept)
            _buffer = buffer;
        return buffer;
    }
}
