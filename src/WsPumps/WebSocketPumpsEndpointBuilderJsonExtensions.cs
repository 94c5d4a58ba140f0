using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Messages;

namespace WsPumps;

/// <summary>
/// Handlers for messages that are JSON. They read text messages; binary ones are left to other handlers. Where the endpoint has none, a
/// binary message closes the connection with 1003.
/// </summary>
public static class WebSocketPumpsEndpointBuilderJsonExtensions
{
    private const string NeedsCode = "JSON by JsonSerializerOptions may need types and code that trimming removes. Use a JsonTypeInfo of " +
        "a source-generated JsonSerializerContext.";

    /// <summary>
    /// Adds a handler that reads each text message as a <typeparamref name="T"/>: for endpoints with one type of message.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="typeInfo">How it is read, from a source-generated <c>JsonSerializerContext</c>.</param>
    /// <param name="handler">Called with each value.</param>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">The endpoint already reads JSON messages as another type: give each a kind.</exception>
    [OverloadResolutionPriority(1)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, JsonTypeInfo<T> typeInfo, Func<IClient, T, CancellationToken, ValueTask> handler) =>
        Add(endpoint, null, typeInfo, handler);

    /// <inheritdoc cref="OnJson{T}(WebSocketPumpsEndpointBuilder, JsonTypeInfo{T}, Func{IClient, T, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, JsonTypeInfo<T> typeInfo,
        Func<IClient, T, CancellationToken, ValueTask<WriteResult>> handler) =>
        Add(endpoint, null, typeInfo, Calls.Done(handler));

    /// <inheritdoc cref="OnJson{T}(WebSocketPumpsEndpointBuilder, JsonTypeInfo{T}, Func{IClient, T, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, JsonTypeInfo<T> typeInfo, Action<IClient, T, CancellationToken> handler) =>
        Add(endpoint, null, typeInfo, Calls.Done(handler));

    /// <summary>
    /// Adds a handler for one kind of JSON message: those whose property <c>type</c>, or the one that <see cref="UseJsonKind"/> names, has
    /// this value.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="kind">The value of the property, a string.</param>
    /// <param name="typeInfo">How the message is read, from a source-generated <c>JsonSerializerContext</c>.</param>
    /// <param name="handler">Called with each value.</param>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">
    /// The endpoint already has a handler for this kind, or reads each message as one type.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, string kind, JsonTypeInfo<T> typeInfo,
        Func<IClient, T, CancellationToken, ValueTask> handler) =>
        Add(endpoint, kind ?? throw new ArgumentNullException(nameof(kind)), typeInfo, handler);

    /// <inheritdoc
    /// cref="OnJson{T}(WebSocketPumpsEndpointBuilder, string, JsonTypeInfo{T}, Func{IClient, T, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, string kind, JsonTypeInfo<T> typeInfo,
        Func<IClient, T, CancellationToken, ValueTask<WriteResult>> handler) =>
        Add(endpoint, kind ?? throw new ArgumentNullException(nameof(kind)), typeInfo, Calls.Done(handler));

    /// <inheritdoc
    /// cref="OnJson{T}(WebSocketPumpsEndpointBuilder, string, JsonTypeInfo{T}, Func{IClient, T, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, string kind, JsonTypeInfo<T> typeInfo,
        Action<IClient, T, CancellationToken> handler) =>
        Add(endpoint, kind ?? throw new ArgumentNullException(nameof(kind)), typeInfo, Calls.Done(handler));

    /// <summary>Adds a handler that reads each text message as a <typeparamref name="T"/>, by reflection.</summary>
    /// <inheritdoc cref="OnJson{T}(WebSocketPumpsEndpointBuilder, JsonTypeInfo{T}, Func{IClient, T, CancellationToken, ValueTask})"/>
    [OverloadResolutionPriority(1)]
    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, JsonSerializerOptions options,
        Func<IClient, T, CancellationToken, ValueTask> handler) =>
        Add(endpoint, null, TypeInfo<T>(options), handler);

    /// <inheritdoc cref="OnJson{T}(WebSocketPumpsEndpointBuilder, JsonSerializerOptions, Func{IClient, T, CancellationToken, ValueTask})"/>
    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, JsonSerializerOptions options,
        Func<IClient, T, CancellationToken, ValueTask<WriteResult>> handler) =>
        Add(endpoint, null, TypeInfo<T>(options), Calls.Done(handler));

    /// <inheritdoc cref="OnJson{T}(WebSocketPumpsEndpointBuilder, JsonSerializerOptions, Func{IClient, T, CancellationToken, ValueTask})"/>
    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, JsonSerializerOptions options, Action<IClient, T, CancellationToken> handler) =>
        Add(endpoint, null, TypeInfo<T>(options), Calls.Done(handler));

    /// <summary>Adds a handler for one kind of JSON message, which is read by reflection.</summary>
    /// <inheritdoc
    /// cref="OnJson{T}(WebSocketPumpsEndpointBuilder, string, JsonTypeInfo{T}, Func{IClient, T, CancellationToken, ValueTask})"/>
    [OverloadResolutionPriority(1)]
    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, string kind, JsonSerializerOptions options,
        Func<IClient, T, CancellationToken, ValueTask> handler) =>
        Add(endpoint, kind ?? throw new ArgumentNullException(nameof(kind)), TypeInfo<T>(options), handler);

    /// <inheritdoc
    /// cref="OnJson{T}(WebSocketPumpsEndpointBuilder, string, JsonSerializerOptions, Func{IClient, T, CancellationToken, ValueTask})"/>
    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, string kind, JsonSerializerOptions options,
        Func<IClient, T, CancellationToken, ValueTask<WriteResult>> handler) =>
        Add(endpoint, kind ?? throw new ArgumentNullException(nameof(kind)), TypeInfo<T>(options), Calls.Done(handler));

    /// <inheritdoc
    /// cref="OnJson{T}(WebSocketPumpsEndpointBuilder, string, JsonSerializerOptions, Func{IClient, T, CancellationToken, ValueTask})"/>
    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    public static WebSocketPumpsEndpointBuilder OnJson<T>(
        this WebSocketPumpsEndpointBuilder endpoint, string kind, JsonSerializerOptions options,
        Action<IClient, T, CancellationToken> handler) =>
        Add(endpoint, kind ?? throw new ArgumentNullException(nameof(kind)), TypeInfo<T>(options), Calls.Done(handler));

    /// <summary>Sets the property, at the top level of a message, that has its kind.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="property">The name of the property. Default: <c>type</c>.</param>
    /// <returns>The same endpoint.</returns>
    public static WebSocketPumpsEndpointBuilder UseJsonKind(this WebSocketPumpsEndpointBuilder endpoint, string property)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(property);
        endpoint.Messages.AddJson().KindProperty = property;
        return endpoint;
    }

    /// <summary>
    /// Sets what happens to a message of an unknown kind. Without it, the connection is closed with 1007 and the kind is logged, once.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="handler">Called with the kind, which is null where the message has none, and the message.</param>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public static WebSocketPumpsEndpointBuilder OnUnknownJson(
        this WebSocketPumpsEndpointBuilder endpoint, Func<IClient, string?, Message, CancellationToken, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(handler);
        endpoint.Messages.AddJson().OnUnknown = handler;
        return endpoint;
    }

    /// <inheritdoc
    /// cref="OnUnknownJson(WebSocketPumpsEndpointBuilder, Func{IClient, string, Message, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnUnknownJson(
        this WebSocketPumpsEndpointBuilder endpoint, Func<IClient, string?, Message, CancellationToken, ValueTask<WriteResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return endpoint.OnUnknownJson(async (client, kind, message, cancellationToken) =>
        {
            await handler(client, kind, message, cancellationToken);
        });
    }

    /// <inheritdoc
    /// cref="OnUnknownJson(WebSocketPumpsEndpointBuilder, Func{IClient, string, Message, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnUnknownJson(
        this WebSocketPumpsEndpointBuilder endpoint, Action<IClient, string?, Message, CancellationToken> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return endpoint.OnUnknownJson((client, kind, message, cancellationToken) =>
        {
            handler(client, kind, message, cancellationToken);
            return default(ValueTask);
        });
    }

    /// <summary>
    /// Sets what happens to a message that is not JSON, not of its type, or null. Without it, the connection is closed with 1007. It is
    /// logged either way, once for each connection: the position of the error, not the content.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="handler">Called with what is wrong.</param>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public static WebSocketPumpsEndpointBuilder OnMalformedJson(
        this WebSocketPumpsEndpointBuilder endpoint, Func<IClient, JsonException, CancellationToken, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(handler);
        endpoint.Messages.AddJson().OnMalformed = handler;
        return endpoint;
    }

    /// <inheritdoc cref="OnMalformedJson(WebSocketPumpsEndpointBuilder, Func{IClient, JsonException, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnMalformedJson(
        this WebSocketPumpsEndpointBuilder endpoint, Func<IClient, JsonException, CancellationToken, ValueTask<WriteResult>> handler) =>
        endpoint.OnMalformedJson(Calls.Done(handler));

    /// <inheritdoc cref="OnMalformedJson(WebSocketPumpsEndpointBuilder, Func{IClient, JsonException, CancellationToken, ValueTask})"/>
    public static WebSocketPumpsEndpointBuilder OnMalformedJson(
        this WebSocketPumpsEndpointBuilder endpoint, Action<IClient, JsonException, CancellationToken> handler) =>
        endpoint.OnMalformedJson(Calls.Done(handler));

    private static WebSocketPumpsEndpointBuilder Add<T>(
        WebSocketPumpsEndpointBuilder endpoint, string? kind, JsonTypeInfo<T> typeInfo,
        Func<IClient, T, CancellationToken, ValueTask> handler)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Messages.AddJson().Add(kind, typeInfo, handler);
        return endpoint;
    }

    [RequiresUnreferencedCode(NeedsCode)]
    [RequiresDynamicCode(NeedsCode)]
    private static JsonTypeInfo<T> TypeInfo<T>(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }
}
