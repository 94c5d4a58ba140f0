using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using WsPumps.Framing;

namespace WsPumps.Streaming;

/// <summary>
/// What was written to a message and not handed over: pooled buffers, filled one after the other, each of which becomes a fragment.
/// </summary>
/// <param name="type">Text or binary.</param>
/// <param name="size">Of one fragment, with its header.</param>
internal sealed class FragmentBuffer(WebSocketMessageType type, int size)
{
    private readonly Queue<PreparedMessage> _filled = new();
    private Opcode _opcode = type is WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary;
    private byte[]? _buffer;
    private int _length;
    private Utf8Checker _utf8;

    /// <summary>Payload bytes.</summary>
    public long Length => _length + _filled.Sum(static fragment => (long)fragment.Length);

    /// <summary>Whether what was written is no text although it should be.</summary>
    public bool IsBroken { get; private set; }

    private int RoomLeft => _buffer is null ? 0 : _buffer.Length - FrameHeader.MaxLength - _length;

    /// <summary>Where the next bytes belong.</summary>
    /// <param name="sizeHint">How many of them are to fit at least.</param>
    public Memory<byte> Room(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_buffer is not null && RoomLeft < Math.Max(1, sizeHint))
            Fill(isFinal: false);
        EnsureBuffer(sizeHint);
        return _buffer.AsMemory(FrameHeader.MaxLength + _length);
    }

    public void Advance(int count)
    {
        if (count < 0 || count > RoomLeft)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"There are {RoomLeft} bytes of room.");
        _length += count;
    }

    /// <summary>
    /// Copies what fits into the buffer that is being filled. A full one is handed over when more comes, so that the last one is the end of
    /// the message.
    /// </summary>
    public void Copy(ref ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty || (_buffer is not null && RoomLeft == 0))
            return;

        var room = Room(sizeHint: 0).Span;
        var length = Math.Min(room.Length, source.Length);
        source[..length].CopyTo(room);
        source = source[length..];
        _length += length;
    }

    /// <summary>Makes a fragment of what is there, if anything is.</summary>
    public void Cut()
    {
        if (_length > 0)
            Fill(isFinal: false);
    }

    /// <summary>Makes the last fragment, which may be empty.</summary>
    public void End()
    {
        EnsureBuffer(sizeHint: 0);
        Fill(isFinal: true);
    }

    public bool TryPeek([NotNullWhen(true)] out PreparedMessage? fragment) => _filled.TryPeek(out fragment);

    public bool TryTake([NotNullWhen(true)] out PreparedMessage? fragment) => _filled.TryDequeue(out fragment);

    public void Release()
    {
        if (_buffer is not null)
            FragmentPool.Return(_buffer);
        (_buffer, _length) = (null, 0);
        while (_filled.TryDequeue(out var fragment))
            FramePool.Return(fragment);
    }

    private void EnsureBuffer(int sizeHint) =>
        _buffer ??= FragmentPool.Rent(Math.Max(size, FrameHeader.MaxLength + sizeHint));

    private void Fill(bool isFinal)
    {
        var (buffer, length) = (_buffer!, _length);
        if (type is WebSocketMessageType.Text)
            CheckText(buffer.AsSpan(FrameHeader.MaxLength, length), isFinal);
        (_buffer, _length) = (null, 0);
        _filled.Enqueue(PreparedMessage.Fragment(_opcode, buffer, length, isFinal));
        _opcode = Opcode.Continuation;
    }

    private void CheckText(ReadOnlySpan<byte> text, bool isFinal)
    {
        if (_utf8.Check(text) && (!isFinal || _utf8.IsComplete))
            return;

        IsBroken = true;
        throw new ArgumentException("A text message must be valid UTF-8 (RFC 6455, section 5.6), and this one is not, or ends in the " +
            "midst of a character. Send other bytes as binary.");
    }
}
