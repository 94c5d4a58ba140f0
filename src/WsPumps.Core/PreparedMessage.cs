using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;
using WsPumps.Framing;

namespace WsPumps;

/// <summary>
/// A message encoded once: the whole frame as it goes over the wire. Immutable and safe to share, so that one instance
/// can be queued for any number of clients, any number of times, from any thread.
/// </summary>
/// <remarks>Frames from a server are not masked (RFC 6455, section 5.1), so the bytes are the same for every client.</remarks>
public sealed class PreparedMessage
{
    /// <summary>The largest payload in bytes: what fits one array with its header.</summary>
    public static readonly int MaxLength = Array.MaxLength - FrameHeader.MaxLength;

    private readonly byte[] _frame;

    private PreparedMessage(WebSocketMessageType type, int length)
    {
        if (length > MaxLength)
            throw new ArgumentException($"A message of {length} bytes is over the limit of {MaxLength} bytes (PreparedMessage.MaxLength).");

        Type = type;
        Length = length;
        var headerLength = FrameHeader.LengthFor(length);
        _frame = GC.AllocateUninitializedArray<byte>(headerLength + length);
        FrameHeader.Write(_frame, type is WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary, length);
    }

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType Type { get; }

    /// <summary>The length of the payload in bytes, the frame's header not counted.</summary>
    public int Length { get; }

    internal ReadOnlyMemory<byte> Frame => _frame;

    /// <summary>The payload without the frame's header: for a client of one's own that sends it by itself.</summary>
    public ReadOnlyMemory<byte> Payload => _frame.AsMemory(_frame.Length - Length);

    private Span<byte> Body => _frame.AsSpan(_frame.Length - Length);

    /// <summary>A text message. Lone surrogates become U+FFFD, as in a browser's <c>send</c>.</summary>
    /// <exception cref="ArgumentException">The text is longer than <see cref="MaxLength"/> bytes of UTF-8.</exception>
    public static PreparedMessage Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        var message = new PreparedMessage(WebSocketMessageType.Text, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, message.Body);
        return message;
    }

    /// <summary>A text message from bytes that are UTF-8 already. The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The bytes are not UTF-8, or longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage Text(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
            throw new ArgumentException("A text message must be valid UTF-8 (RFC 6455, section 5.6); send other bytes as binary.", nameof(utf8));

        return Copy(WebSocketMessageType.Text, utf8);
    }

    /// <summary>A binary message. The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage Binary(ReadOnlySpan<byte> payload) => Copy(WebSocketMessageType.Binary, payload);

    /// <summary>A message of the same type and content. The payload is copied.</summary>
    /// <exception cref="ArgumentException">A text message is not UTF-8, or the payload is longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage From(Message message) => message.Type is WebSocketMessageType.Text
        ? Text(message.Payload.Span)
        : Binary(message.Payload.Span);

    private static PreparedMessage Copy(WebSocketMessageType type, ReadOnlySpan<byte> payload)
    {
        var message = new PreparedMessage(type, payload.Length);
        payload.CopyTo(message.Body);
        return message;
    }
}
