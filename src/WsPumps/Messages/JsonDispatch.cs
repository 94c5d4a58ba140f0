using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Messages;

/// <summary>Finds the kind of each JSON message and calls its handler. Allocates nothing beside what the message is read into.</summary>
internal sealed partial class JsonDispatch(JsonMessages messages, JsonCall? only, JsonKind[] kinds, bool isOnly, ILogger logger)
{
    private static readonly object Logged = new();

    private readonly byte[] _property = Encoding.UTF8.GetBytes(messages.KindProperty);

    public ValueTask HandleAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        if (message.Type is not WebSocketMessageType.Text)
            return isOnly ? OnBinaryAsync(client) : default;

        var call = only;
        var malformed = only is null ? TryFind(message, out call) : null;
        if (malformed is null)
        {
            if (call is null)
                return OnUnknownAsync(client, message, cancellationToken);

            malformed = call(client, message, cancellationToken, out var handling);
            if (malformed is null)
                return handling;
        }

        return OnMalformedAsync(client, malformed, cancellationToken);
    }

    /// <returns>Why the kind cannot be read; null when it can, or there is none.</returns>
    private JsonException? TryFind(Message message, out JsonCall? call)
    {
        call = null;
        try
        {
            var reader = new Utf8JsonReader(message.Payload.Span);
            if (!TryReadKind(ref reader))
                return null;

            foreach (var kind in kinds)
            {
                if (reader.ValueTextEquals(kind.Utf8Name))
                    call = kind.Call;
            }

            return null;
        }
        catch (JsonException exception)
        {
            return exception;
        }
    }

    /// <summary>
    /// Stops at the value of the property, without reading further: the type that the message is read as checks the rest.
    /// </summary>
    private bool TryReadKind(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            return false;

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isKind = reader.ValueTextEquals(_property);
            reader.Read();
            if (isKind)
                return reader.TokenType is JsonTokenType.String;
            reader.Skip();
        }

        return false;
    }

    private async ValueTask OnMalformedAsync(IClient client, JsonException exception, CancellationToken cancellationToken)
    {
        // The commonest mistake during development, and a flood in production: once for each connection.
        if (client.Items.TryAdd(Logged, Logged))
        {
            Log.Malformed(logger, client.Id, LogText.Of(exception.Path ?? "$"), exception.LineNumber ?? 0, exception.BytePositionInLine
                ?? 0);
        }

        if (messages.OnMalformed is { } onMalformed)
            await onMalformed(client, exception, cancellationToken);
        else
            await JsonMessages.CloseAsync(client);
    }

    private async ValueTask OnUnknownAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        var kind = KindOf(message);
        if (messages.OnUnknown is { } onUnknown)
        {
            await onUnknown(client, kind, message, cancellationToken);
            return;
        }

        if (client.Items.TryAdd(Logged, Logged))
            Log.Unknown(logger, client.Id, messages.KindProperty, LogText.Of(kind ?? "(none)"));
        await JsonMessages.CloseAsync(client, "The message is of an unknown kind.");
    }

    /// <summary>Nobody else would tell the peer that it waits for an answer in vain.</summary>
    private async ValueTask OnBinaryAsync(IClient client)
    {
        Log.Binary(logger, client.Id);
        await JsonMessages.CloseAsync(client, "The endpoint takes text messages only.", WebSocketCloseStatus.InvalidMessageType);
    }

    private string? KindOf(Message message)
    {
        var reader = new Utf8JsonReader(message.Payload.Span);
        return TryReadKind(ref reader) ? reader.GetString() : null;
    }

    private static partial class Log
    {
        [LoggerMessage(138, LogLevel.Warning,
            "Connection {ConnectionId} sent a message that is not the JSON that is expected: at {Path}, line {Line}, byte {Position}. " +
            "Told once for each connection.",
            EventName = "JsonMalformed")]
        public static partial void Malformed(ILogger logger, string connectionId, string path, long line, long position);

        [LoggerMessage(139, LogLevel.Warning,
            "Connection {ConnectionId} sent a JSON message of an unknown kind: its property '{Property}' is {Kind}. Told once for each " +
            "connection.", EventName = "JsonUnknown")]
        public static partial void Unknown(ILogger logger, string connectionId, string property, string kind);

        [LoggerMessage(141, LogLevel.Warning,
            "Connection {ConnectionId} sent a binary message, and its endpoint has handlers for JSON in text messages only. It is closed " +
            "with 1003. Let the client send text, or add a handler for binary messages with OnMessage.", EventName = "JsonBinary")]
        public static partial void Binary(ILogger logger, string connectionId);
    }
}
