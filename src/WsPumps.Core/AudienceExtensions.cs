using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Framing;

namespace WsPumps;

/// <summary>Writing JSON to audiences: each value is encoded once, in a text message.</summary>
public static class AudienceExtensions
{
    /// <summary>Queues a value as JSON for each client, without ever waiting.</summary>
    /// <inheritdoc cref="Audience.Write(PreparedMessage)"/>
    public static BroadcastResult Write<T>(this Audience audience, T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(audience);
        return audience.Write(PreparedMessage.Json(value, typeInfo));
    }

    /// <summary>Queues a value as JSON for each client, without ever waiting.</summary>
    /// <inheritdoc cref="Audience.Write(PreparedMessage)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static BroadcastResult Write<T>(this Audience audience, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(audience);
        ArgumentNullException.ThrowIfNull(options);
        return audience.Write(PreparedMessage.Json(value, options));
    }

    /// <summary>Queues a value as JSON for each client, waiting for room where a queue is full.</summary>
    /// <inheritdoc cref="Audience.WriteAsync(PreparedMessage, CancellationToken)"/>
    public static ValueTask<BroadcastResult> WriteAsync<T>(this Audience audience, T value, JsonTypeInfo<T> typeInfo,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audience);
        return audience.WriteAsync(PreparedMessage.Json(value, typeInfo), cancellationToken);
    }

    /// <summary>Queues a value as JSON for each client, waiting for room where a queue is full.</summary>
    /// <inheritdoc cref="Audience.WriteAsync(PreparedMessage, CancellationToken)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static ValueTask<BroadcastResult> WriteAsync<T>(this Audience audience, T value, JsonSerializerOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audience);
        ArgumentNullException.ThrowIfNull(options);
        return audience.WriteAsync(PreparedMessage.Json(value, options), cancellationToken);
    }

    /// <summary>Delivers a value as JSON to each client.</summary>
    /// <inheritdoc cref="Audience.DeliverAsync(PreparedMessage, TimeSpan, CancellationToken)"/>
    public static Task<DeliveryResult> DeliverAsync<T>(
        this Audience audience, T value, JsonTypeInfo<T> typeInfo, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audience);
        return audience.DeliverAsync(PreparedMessage.Json(value, typeInfo), timeout, cancellationToken);
    }

    /// <summary>Delivers a value as JSON to each client.</summary>
    /// <inheritdoc cref="Audience.DeliverAsync(PreparedMessage, TimeSpan, CancellationToken)"/>
    [RequiresUnreferencedCode(JsonFrame.NeedsReflection)]
    [RequiresDynamicCode(JsonFrame.NeedsReflection)]
    public static Task<DeliveryResult> DeliverAsync<T>(
        this Audience audience, T value, JsonSerializerOptions options, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(audience);
        ArgumentNullException.ThrowIfNull(options);
        return audience.DeliverAsync(PreparedMessage.Json(value, options), timeout, cancellationToken);
    }
}
