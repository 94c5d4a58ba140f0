using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Broadcasting;
using WsPumps.Framing;

namespace WsPumps;

/// <summary>Waits for delivery, and writes JSON.</summary>
public static class ClientExtensions
{
    /// <summary>
    /// Queues a message as <see cref="IClient.Write(PreparedMessage)"/> does, and completes when it has been handed to the transport or
    /// discarded, or when the timeout has elapsed.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="message">The message.</param>
    /// <param name="timeout">
    /// How long to wait, by the <see cref="IClient.TimeProvider"/> of the client. Zero to 24 days, or infinite.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting. What is queued stays queued.</param>
    /// <returns>
    /// <see cref="WriteResult.Sent"/> when it was handed to the transport, <see cref="WriteResult.Queued"/> when it still waits,
    /// <see cref="WriteResult.Dropped"/> when it was discarded: for newer messages, with its connection, or because the write failed.
    /// Otherwise what <see cref="IClient.Write(PreparedMessage)"/> returned.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of its range. Nothing was queued.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public static Task<WriteResult> DeliverAsync(this IClient client, PreparedMessage message, TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(message);
        return DeliveryTracker.DeliverAsync(client, message, timeout, cancellationToken);
    }

    /// <summary>Queues a copy of a message, and waits for its delivery.</summary>
    /// <inheritdoc cref="DeliverAsync(IClient, PreparedMessage, TimeSpan, CancellationToken)"/>
    public static Task<WriteResult> DeliverAsync(this IClient client, Message message, TimeSpan timeout,
        CancellationToken cancellationToken = default) =>
        client.DeliverAsync(PreparedMessage.From(message), timeout, cancellationToken);

    /// <summary>Queues a value as JSON, in a text message, and waits for its delivery.</summary>
    /// <inheritdoc cref="DeliverAsync(IClient, PreparedMessage, TimeSpan, CancellationToken)"/>
    public static Task<WriteResult> DeliverAsync<T>(
        this IClient client, T value, JsonTypeInfo<T> typeInfo, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        client.DeliverAsync(PreparedMessage.Json(value, typeInfo), timeout, cancellationToken);

    /// <summary>Queues a value as JSON, in a text message, and waits for its delivery.</summary>
    /// <inheritdoc cref="DeliverAsync(IClient, PreparedMessage, TimeSpan, CancellationToken)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static Task<WriteResult> DeliverAsync<T>(
        this IClient client, T value, JsonSerializerOptions options, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return client.DeliverAsync(PreparedMessage.Json(value, options), timeout, cancellationToken);
    }

    /// <summary>Queues a value as JSON, in a text message, without ever waiting.</summary>
    /// <inheritdoc cref="IClient.Write(PreparedMessage)"/>
    public static WriteResult Write<T>(this IClient client, T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.Write(PreparedMessage.Json(value, typeInfo));
    }

    /// <summary>Queues a value as JSON, in a text message, without ever waiting.</summary>
    /// <inheritdoc cref="IClient.Write(PreparedMessage)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static WriteResult Write<T>(this IClient client, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        return client.Write(PreparedMessage.Json(value, options));
    }

    /// <summary>Queues a value as JSON, in a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/>
    public static ValueTask<WriteResult> WriteAsync<T>(this IClient client, T value, JsonTypeInfo<T> typeInfo,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.Json(value, typeInfo), cancellationToken);
    }

    /// <summary>Queues a value as JSON, in a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static ValueTask<WriteResult> WriteAsync<T>(this IClient client, T value, JsonSerializerOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        return client.WriteAsync(PreparedMessage.Json(value, options), cancellationToken);
    }
}
