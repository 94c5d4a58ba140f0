using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WsPumps.Testing;

/// <summary>A whole message that a peer has received.</summary>
/// <param name="type">Text or binary.</param>
/// <param name="payload">Its bytes, the message's own.</param>
public sealed class PeerMessage(WebSocketMessageType type, byte[] payload)
{
    private const int ShownBytes = 200;

    /// <summary>Text or binary.</summary>
    public WebSocketMessageType Type => type;

    /// <summary>Whether it came compressed. <see cref="Payload"/> is what it says, decompressed.</summary>
    public bool WasCompressed { get; init; }

    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>The payload read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(payload);

    /// <summary>The payload read as JSON.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public T? GetJson<T>(JsonTypeInfo<T> typeInfo) => JsonSerializer.Deserialize(payload, typeInfo);

    /// <summary>The beginning of the message, for people.</summary>
    public override string ToString()
    {
        var shown = type is WebSocketMessageType.Text
            ? $"text '{Encoding.UTF8.GetString(payload.AsSpan(0, Math.Min(ShownBytes, payload.Length)))}'"
            : $"binary {Convert.ToHexString(payload.AsSpan(0, Math.Min(ShownBytes / 4, payload.Length)))}";
        return payload.Length > ShownBytes ? $"{shown}… of {payload.Length} bytes" : shown;
    }
}
