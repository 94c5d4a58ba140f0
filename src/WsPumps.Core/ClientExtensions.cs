using System.Text.Json.Serialization.Metadata;

namespace WsPumps;

/// <summary>Writing text and JSON.</summary>
public static class ClientExtensions
{
    /// <summary>Queues a text message without ever waiting.</summary>
    /// <inheritdoc cref="IClient.TryWrite(PreparedMessage)"/>
    public static WriteResult TryWrite(this IClient client, string message)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.TryWrite(PreparedMessage.Text(message));
    }

    /// <summary>Queues a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/>
    public static ValueTask<WriteResult> WriteAsync(this IClient client, string message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.Text(message), cancellationToken);
    }

    /// <summary>Queues a value as JSON, in a text message, without ever waiting.</summary>
    /// <inheritdoc cref="IClient.TryWrite(PreparedMessage)"/>
    public static WriteResult TryWrite<T>(this IClient client, T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.TryWrite(PreparedMessage.Json(value, typeInfo));
    }

    /// <summary>Queues a value as JSON, in a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/>
    public static ValueTask<WriteResult> WriteAsync<T>(this IClient client, T value, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.Json(value, typeInfo), cancellationToken);
    }
}
