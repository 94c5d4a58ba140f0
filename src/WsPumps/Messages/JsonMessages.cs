using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;

namespace WsPumps.Messages;

/// <summary>
/// The JSON messages of one endpoint: one type, or a set that is told apart by a property. Binary messages are left to other handlers, and
/// refused where there are none.
/// </summary>
internal sealed class JsonMessages
{
    private const string NotTheJson = "The message is not the JSON that is expected.";

    private readonly List<JsonKind> _kinds = [];
    private JsonCall? _only;

    /// <summary>The property at the top of a message that says which kind it is.</summary>
    public string KindProperty { get; set; } = "type";

    /// <summary>Called for a kind that the endpoint does not know; null for none. Default: the connection is closed with 1007.</summary>
    public Func<IClient, string?, Message, CancellationToken, ValueTask>? OnUnknown { get; set; }

    /// <summary>Called for what is not JSON, or not of the type. Default: the connection is closed with 1007.</summary>
    public Func<IClient, JsonException, CancellationToken, ValueTask>? OnMalformed { get; set; }

    public void Add<T>(string? kind, JsonTypeInfo<T> typeInfo, Func<IClient, T, CancellationToken, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfAmbiguous(kind, typeof(T));
        JsonCall call = (IClient client, Message message, CancellationToken cancellationToken, out ValueTask handling) =>
        {
            handling = default;
            if (TryRead(message, typeInfo, out var value) is { } malformed)
                return malformed;

            handling = handler(client, value, cancellationToken);
            return null;
        };
        if (kind is null)
            _only = call;
        else
            _kinds.Add(new JsonKind(kind, Encoding.UTF8.GetBytes(kind), call));
    }

    /// <param name="logger">The logger.</param>
    /// <param name="isOnly">Whether the endpoint has no other handler.</param>
    public MessageHandler HandlerFor(ILogger logger, bool isOnly)
    {
        if (_only is null && _kinds.Count == 0)
        {
            throw new InvalidOperationException("The endpoint says what happens to JSON messages that are unknown or malformed, but has " +
                "no handler for any: add one with OnJson.");
        }

        return new JsonDispatch(this, _only, [.. _kinds], isOnly, logger).HandleAsync;
    }

    public static Task CloseAsync(IClient client, string reason = NotTheJson,
        WebSocketCloseStatus status = WebSocketCloseStatus.InvalidPayloadData) => client.CloseAsync(status, reason);

    private static JsonException? TryRead<T>(Message message, JsonTypeInfo<T> typeInfo, out T value)
    {
        value = default!;
        try
        {
            value = JsonSerializer.Deserialize(message.Payload.Span, typeInfo)!;
            return value is null ? new JsonException("The message is null.") : null;
        }
        catch (JsonException exception)
        {
            return exception;
        }
        catch (NotSupportedException exception)
        {
            // What a polymorphic type says to a message without its discriminator.
            return new JsonException(exception.Message, exception);
        }
    }

    private void ThrowIfAmbiguous(string? kind, Type type)
    {
        if (kind is { Length: 0 })
            throw new ArgumentException("A kind of JSON message needs a name.", nameof(kind));

        if (_only is not null || (kind is null && _kinds.Count > 0))
        {
            throw new InvalidOperationException($"The endpoint reads each message as one type already, so {type.Name} would close " +
                "connections for what the other expects. " +
                $"Tell the messages apart: OnJson(\"kind\", typeInfo, handler), by the property '{KindProperty}'.");
        }

        if (_kinds.Exists(known => known.Name == kind))
            throw new InvalidOperationException($"The endpoint has a handler for JSON messages of the kind '{kind}' already.");
    }
}
