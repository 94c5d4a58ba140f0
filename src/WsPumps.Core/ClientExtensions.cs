using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Framing;

namespace WsPumps;

/// <summary>Writing JSON.</summary>
public static class ClientExtensions
{
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
    public static ValueTask<WriteResult> WriteAsync<T>(this IClient client, T value, JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.WriteAsync(PreparedMessage.Json(value, typeInfo), cancellationToken);
    }

    /// <summary>Queues a value as JSON, in a text message, waiting for room when the queue is full.</summary>
    /// <inheritdoc cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static ValueTask<WriteResult> WriteAsync<T>(this IClient client, T value, JsonSerializerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        return client.WriteAsync(PreparedMessage.Json(value, options), cancellationToken);
    }
}
