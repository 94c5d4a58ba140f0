using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WsPumps;

/// <summary>Handlers for text messages that are JSON.</summary>
public static class JsonHandler
{
    /// <summary>
    /// Makes a handler that reads each text message as a <typeparamref name="T"/>. Binary messages are left to other handlers.
    /// </summary>
    /// <param name="typeInfo">How it is read, from a source-generated <c>JsonSerializerContext</c>.</param>
    /// <param name="handler">Called with each value.</param>
    /// <param name="onMalformed">
    /// Called instead for a message that is not JSON, not a <typeparamref name="T"/>, or null. Default (null): the connection is closed
    /// with 1007.
    /// </param>
    public static MessageHandler Create<T>(
        JsonTypeInfo<T> typeInfo,
        Func<IClient, T, CancellationToken, ValueTask> handler,
        Func<IClient, JsonException, CancellationToken, ValueTask>? onMalformed = null)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        ArgumentNullException.ThrowIfNull(handler);
        onMalformed ??= CloseAsync;

        return (client, message, cancellationToken) =>
        {
            if (message.Type is not WebSocketMessageType.Text)
                return default;

            T value;
            try
            {
                value = JsonSerializer.Deserialize(message.Payload.Span, typeInfo) ?? throw new JsonException("The message is null.");
            }
            catch (JsonException exception)
            {
                return onMalformed(client, exception, cancellationToken);
            }
            catch (NotSupportedException exception)
            {
                // What a polymorphic type says to a message without its discriminator.
                return onMalformed(client, new JsonException(exception.Message, exception), cancellationToken);
            }

            return handler(client, value, cancellationToken);
        };
    }

    private static async ValueTask CloseAsync(IClient client, JsonException exception, CancellationToken cancellationToken) =>
        await client.CloseAsync(WebSocketCloseStatus.InvalidPayloadData, "The message is not the JSON that is expected.", CloseMode.Drain,
            cancellationToken)
            .ConfigureAwait(false);
}
