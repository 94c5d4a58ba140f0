using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using WsPumps.Compression;
using WsPumps.Framing;
using WsPumps.Outbound;

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

    private readonly Action<bool>? _settled;
    private EncodedFrame _frame;

    /// <summary>The message that this one shares its content with; null for none.</summary>
    private readonly PreparedMessage? _content;

    /// <summary>What is compressed once for all that share the content.</summary>
    private Lazy<byte[]?>? _deflated;

    /// <summary>The compressed form of this very message; itself where that would not be shorter.</summary>
    private PreparedMessage? _compressed;

    /// <summary>Of a compressed form: the message.</summary>
    private readonly PreparedMessage? _original;

    /// <summary>An instance without a content yet, for <see cref="FramePool"/>.</summary>
    internal PreparedMessage() => _frame = new EncodedFrame([]);

    private PreparedMessage(in EncodedFrame frame) => _frame = frame;

    private PreparedMessage(Opcode opcode, int length) => _frame = new EncodedFrame(opcode, length);

    /// <summary>A message that shares the frame of another.</summary>
    private PreparedMessage(PreparedMessage other, MessageOptions? options, Action<bool>? settled)
    {
        _content = other._content ?? other;
        (_frame, Options, _settled, Tag) = (other._frame, options, settled, other.Tag);
    }

    /// <summary>The compressed form of a message.</summary>
    private PreparedMessage(PreparedMessage original, byte[] deflated)
        : this(original.Opcode, deflated.Length)
    {
        _original = original;
        (Options, _settled) = (original.Options, original._settled);
        deflated.CopyTo(_frame.Body);
        _frame.MarkCompressed();
    }

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType Type => Opcode is Opcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;

    /// <summary>The length of the payload in bytes, the frame's header not counted.</summary>
    public int Length => _frame.PayloadLength;

    /// <summary>How it is treated while it waits in a queue; null: the options of the client apply.</summary>
    public MessageOptions? Options { get; }

    /// <summary>The payload, without the frame's header: for a client of your own that sends it by itself.</summary>
    public ReadOnlyMemory<byte> Payload => _frame.Payload;

    /// <summary>Inside the library a frame can be a control frame as well.</summary>
    internal Opcode Opcode => _frame.Opcode;

    internal ReadOnlyMemory<byte> Frame => _frame.Bytes;

    internal int FrameLength => _frame.Length;

    /// <summary>By how many bytes its payload was longer before it was compressed.</summary>
    internal int BytesSaved => _original is { } original ? original.Length - Length : 0;

    internal bool IsTracked => _settled is not null;

    /// <summary>Whether the queue that holds the message is its only owner, see <see cref="FramePool"/>.</summary>
    internal bool IsPooled { get; init; }

    /// <summary>Whether it is a part of a message that is streamed, or all of one.</summary>
    internal bool IsStreamed { get; private init; }

    /// <summary>Whether more of its message follows.</summary>
    internal bool IsPartial { get; private init; }

    internal bool IsControl => Opcode >= Opcode.Close;

    /// <summary>Which message of a cluster it is; null where nobody has to know.</summary>
    internal DeliveryTag? Tag { get; private init; }

    /// <summary>A text message. Lone surrogates become U+FFFD, as in a browser's <c>send</c>.</summary>
    /// <exception cref="ArgumentException">The text is longer than <see cref="MaxLength"/> bytes of UTF-8.</exception>
    public static PreparedMessage Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);

        var message = new PreparedMessage(Opcode.Text, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, message._frame.Body);
        return message;
    }

    /// <summary>A text message from bytes that are UTF-8 already. The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The bytes are not UTF-8, or longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage Text(ReadOnlySpan<byte> utf8)
    {
        ThrowIfNotUtf8(utf8);
        return Copy(Opcode.Text, utf8);
    }

    /// <summary>A binary message. The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage Binary(ReadOnlySpan<byte> payload) => Copy(Opcode.Binary, payload);

    /// <summary>A binary message from bytes that may be in several pieces. They are copied.</summary>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage Binary(ReadOnlySequence<byte> payload)
    {
        var message = new PreparedMessage(Opcode.Binary, (int)Math.Min(payload.Length, int.MaxValue));
        payload.CopyTo(message._frame.Body);
        return message;
    }

    /// <summary>A message of the same type and content. The payload is copied.</summary>
    /// <exception cref="ArgumentException">A text message is not UTF-8, or the payload is longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage From(Message message) => message.Type is WebSocketMessageType.Text
        ? Text(message.Payload.Span)
        : Binary(message.Payload.Span);

    /// <summary>A text message: a value as JSON, written into the frame as UTF-8 without a string in between.</summary>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">How it is written, from a source-generated <c>JsonSerializerContext</c>.</param>
    /// <exception cref="ArgumentException">The JSON is longer than <see cref="MaxLength"/>.</exception>
    public static PreparedMessage Json<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        var (buffer, length) = JsonFrame.Write(value, typeInfo);
        return new PreparedMessage(new EncodedFrame(Opcode.Text, buffer, length));
    }

    /// <summary>A text message: a value as JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="options">How it is written; null for the defaults of <see cref="JsonSerializer"/>.</param>
    /// <exception cref="ArgumentException">The JSON is longer than <see cref="MaxLength"/>.</exception>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static PreparedMessage Json<T>(T value, JsonSerializerOptions? options = null)
    {
        options ??= JsonSerializerOptions.Default;
        options.MakeReadOnly(populateMissingResolver: true);
        return Json(value, (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
    }

    /// <summary>A text message, see <see cref="Text(string)"/>.</summary>
    public static implicit operator PreparedMessage(string text) => Text(text);

    /// <summary>A binary message, see <see cref="Binary(ReadOnlySequence{byte})"/>.</summary>
    public static implicit operator PreparedMessage(ReadOnlySequence<byte> payload) => Binary(payload);

    /// <summary>The payload read as UTF-8, as a new string.</summary>
    public string GetText() => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The same message with other options. The frame is shared, not copied.</summary>
    public PreparedMessage With(MessageOptions? options) => new(this, options, _settled);

    /// <summary>
    /// The same message for a caller who wants to know when a queued copy was handed to the transport (true) or will not be (false).
    /// </summary>
    internal PreparedMessage Tracked(Action<bool> settled) => new(this, Options, settled);

    /// <summary>The same message, known as one of a cluster.</summary>
    internal PreparedMessage Tagged(DeliveryTag tag) => new(this, Options, _settled) { Tag = tag };

    /// <summary>The message as the application may keep it: not one that is reused, nor one that is followed.</summary>
    internal PreparedMessage Detached() =>
        _original?.Detached() ?? (IsPooled || IsTracked ? new PreparedMessage(this, Options, settled: null) : this);

    /// <summary>
    /// The message for connections that agreed on compression: compressed once, whoever asks and however many at the same time. The message
    /// itself where that would not be shorter.
    /// </summary>
    internal PreparedMessage Compressed(CompressionLevel level)
    {
        if (Volatile.Read(ref _compressed) is { } known)
            return known;

        var content = _content ?? this;
        var deflated = content._deflated ?? Interlocked.CompareExchange(ref content._deflated, new(() => Deflate.Compress(Payload, level)),
            null) ?? content._deflated;
        var compressed = deflated.Value is { } bytes ? new PreparedMessage(this, bytes) : this;
        return Interlocked.CompareExchange(ref _compressed, compressed, null) ?? compressed;
    }

    /// <summary>The content compressed, where that was done already and it may leave so; else null.</summary>
    internal byte[]? Deflated =>
        Options is not { Compress: false } && (_content ?? this)._deflated is { IsValueCreated: true } known ? known.Value : null;

    /// <summary>A message whose content comes compressed, and stays known in that form.</summary>
    /// <returns>Null when it cannot be inflated to that length, or is no text although it should be.</returns>
    internal static PreparedMessage? Inflated(Opcode opcode, byte[] deflated, int length)
    {
        var message = new PreparedMessage(opcode, length) { _deflated = new Lazy<byte[]?>(deflated) };
        return Deflate.TryInflate(deflated, message._frame.Body) && (opcode is not Opcode.Text || Utf8.IsValid(message._frame.Body))
            ? message : null;
    }

    internal void Settle(bool handedOver) => _settled?.Invoke(handedOver);

    /// <summary>A ping, pong or close frame; at most 125 bytes (RFC 6455, section 5.5).</summary>
    internal static PreparedMessage Control(Opcode opcode, ReadOnlySpan<byte> payload) => Copy(opcode, payload);

    /// <summary>
    /// A part of a message, around a payload that was written behind room for the longest header. <see cref="FramePool.Return"/> gives the
    /// buffer back.
    /// </summary>
    internal static PreparedMessage Fragment(Opcode opcode, byte[] buffer, int length, bool isFinal) =>
        new(new EncodedFrame(opcode, buffer, length, isFinal)) { IsPooled = true, IsStreamed = true, IsPartial = !isFinal };

    /// <summary>Fills an instance of <see cref="FramePool"/>, which nobody else has yet, in <paramref name="buffer"/>.</summary>
    internal void Fill(Message message, byte[] buffer)
    {
        if (message.Type is WebSocketMessageType.Text)
            ThrowIfNotUtf8(message.Payload.Span);

        _frame.Begin(message.Type is WebSocketMessageType.Text ? Opcode.Text : Opcode.Binary, buffer, message.Payload.Length);
        message.Payload.Span.CopyTo(_frame.Body);
    }

    /// <summary>Empties an instance of <see cref="FramePool"/>.</summary>
    internal byte[] TakeBuffer() => _frame.TakeBuffer();

    /// <summary>Leaves an emptied instance a buffer for its next content.</summary>
    internal void KeepBuffer(byte[] buffer) => _frame = new EncodedFrame(buffer);

    private static PreparedMessage Copy(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var message = new PreparedMessage(opcode, payload.Length);
        payload.CopyTo(message._frame.Body);
        return message;
    }

    private static void ThrowIfNotUtf8(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            throw new ArgumentException("A text message must be valid UTF-8 (RFC 6455, section 5.6); send other bytes as binary.");
    }
}
