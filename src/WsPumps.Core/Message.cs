using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Framing;

namespace WsPumps;

/// <summary>A complete message, put together from its fragments: its type and its payload.</summary>
/// <remarks>
/// A message that a handler receives borrows its payload from a pool: it is valid until the handler's task ends. Copy what is needed
/// longer. Writing the message to a client copies it, so an echo needs no copy of its own.
/// </remarks>
public readonly struct Message
{
    /// <param name="type">Text or binary.</param>
    /// <param name="payload">The payload; UTF-8 where <paramref name="type"/> is text. May be empty.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public Message(WebSocketMessageType type, ReadOnlyMemory<byte> payload)
    {
        if (type is not (WebSocketMessageType.Text or WebSocketMessageType.Binary))
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary; a close is sent with CloseAsync.");

        Type = type;
        Payload = payload;
    }

    /// <summary>Text or binary, as the sender marked it (RFC 6455, section 5.6).</summary>
    public WebSocketMessageType Type { get; }

    /// <summary>The payload in bytes. Received text is valid UTF-8.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The payload read as UTF-8, as a new string.</summary>
    public string GetText() => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>A binary message over these bytes. Nothing is copied here.</summary>
    public static implicit operator Message(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return new Message(WebSocketMessageType.Binary, payload);
    }

    /// <summary>A binary message over these bytes. Nothing is copied here.</summary>
    public static implicit operator Message(Memory<byte> payload) => new(WebSocketMessageType.Binary, payload);

    /// <summary>A binary message over these bytes. Nothing is copied here.</summary>
    public static implicit operator Message(ReadOnlyMemory<byte> payload) => new(WebSocketMessageType.Binary, payload);

    /// <summary>The payload read as JSON.</summary>
    /// <param name="typeInfo">How it is read, from a source-generated <c>JsonSerializerContext</c>.</param>
    /// <returns>Null when the JSON is <c>null</c>.</returns>
    /// <exception cref="JsonException">The payload is not JSON, or does not fit the type.</exception>
    public T? GetJson<T>(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return JsonSerializer.Deserialize(Payload.Span, typeInfo);
    }

    /// <summary>The payload read as JSON.</summary>
    /// <param name="options">How it is read; null for the defaults of <see cref="JsonSerializer"/>.</param>
    /// <returns>Null when the JSON is <c>null</c>.</returns>
    /// <exception cref="JsonException">The payload is not JSON, or does not fit the type.</exception>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public T? GetJson<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Payload.Span, options);

    /// <summary>For logs: the type and the length. The text is in <see cref="GetText"/>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type} message of {Payload.Length} bytes");

    /// <summary>A text message over bytes that are UTF-8 already. Nothing is copied here.</summary>
    public static Message Text(ReadOnlyMemory<byte> utf8) => new(WebSocketMessageType.Text, utf8);

    /// <summary>A binary message. Nothing is copied here.</summary>
    public static Message Binary(ReadOnlyMemory<byte> payload) => new(WebSocketMessageType.Binary, payload);
}
