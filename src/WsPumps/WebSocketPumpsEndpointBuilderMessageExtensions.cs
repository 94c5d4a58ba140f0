using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Messages;

namespace WsPumps;

/// <summary>Handlers for the messages of an endpoint, and filters around them.</summary>
public static class WebSocketPumpsEndpointBuilderMessageExtensions
{
    /// <summary>Adds a handler. All handlers are called for each message, one after the other.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="handler">Called with each message.</param>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public static WebSocketPumpsEndpointBuilder OnMessage(this WebSocketPumpsEndpointBuilder endpoint, MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(handler);
        endpoint.Messages.Handlers.Add(_ => handler);
        return endpoint;
    }

    /// <inheritdoc cref="OnMessage(WebSocketPumpsEndpointBuilder, MessageHandler)"/>
    public static WebSocketPumpsEndpointBuilder OnMessage(
        this WebSocketPumpsEndpointBuilder endpoint, Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        endpoint.OnMessage(Calls.Handler(handler));

    /// <inheritdoc cref="OnMessage(WebSocketPumpsEndpointBuilder, MessageHandler)"/>
    public static WebSocketPumpsEndpointBuilder OnMessage(
        this WebSocketPumpsEndpointBuilder endpoint, Action<IClient, Message, CancellationToken> handler) =>
        endpoint.OnMessage(Calls.Handler(handler));

    /// <summary>
    /// Adds a handler class of which there is an object for each message, made in a scope of services that ends with the message.
    /// </summary>
    /// <typeparam name="THandler">
    /// The class. Taken from the services of the scope when it is registered there, else made with arguments from them.
    /// </typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <returns>The same endpoint.</returns>
    public static WebSocketPumpsEndpointBuilder OnMessage<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(this WebSocketPumpsEndpointBuilder endpoint)
        where THandler : class, IMessageHandler
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Messages.Handlers.Add(static services =>
        {
            var handlers = new ScopedHandlers<THandler>(services.Scopes);
            return (client, message, token) => handlers.HandleAsync(
                static (handler, client, message, token) => handler.HandleAsync(client, message, token), client, message, token);
        });
        return endpoint;
    }

    /// <summary>
    /// Says who gets messages while they arrive, as streams: they need not fit in memory. They do not reach the handlers and filters of the
    /// endpoint. <see cref="ClientOptions.MaxStreamSize"/> is their bound.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="handler">Called for each of them.</param>
    /// <param name="type">Which messages; null for all of them.</param>
    /// <remarks>Only for clients that are made with <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.</remarks>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">The endpoint has such a handler.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public static WebSocketPumpsEndpointBuilder OnMessageStream(
        this WebSocketPumpsEndpointBuilder endpoint, MessageStreamHandler handler, WebSocketMessageType? type = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(handler);
        endpoint.Messages.StreamTo(_ => handler, type);
        return endpoint;
    }

    /// <summary>
    /// The same with a handler class, of which there is an object for each message, made in a scope of services that ends with the message.
    /// Where it is the class that the endpoint is mapped with, <see cref="WebSocketPumpsHandler"/>, the object of the connection gets them.
    /// </summary>
    /// <typeparam name="THandler">
    /// The class. Taken from the services of the scope when it is registered there, else made with arguments from them.
    /// </typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="type">Which messages; null for all of them.</param>
    /// <inheritdoc cref="OnMessageStream(WebSocketPumpsEndpointBuilder, MessageStreamHandler, WebSocketMessageType?)"/>
    public static WebSocketPumpsEndpointBuilder OnMessageStream<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this WebSocketPumpsEndpointBuilder endpoint, WebSocketMessageType? type = null)
        where THandler : class, IMessageStreamHandler
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Messages.StreamTo(
            static services =>
            {
                var handlers = new ScopedHandlers<THandler>(services.Scopes);
                return (client, message, token) => handlers.HandleAsync(
                    static (handler, client, message, token) => handler.HandleAsync(client, message, token), client, message, token);
            },
            type,
            typeof(THandler));
        return endpoint;
    }

    /// <summary>Adds a filter around the handlers. The one that is added first is the outermost.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="filter">Called with each message, and with what follows it.</param>
    /// <returns>The same endpoint.</returns>
    public static WebSocketPumpsEndpointBuilder AddFilter(this WebSocketPumpsEndpointBuilder endpoint, MessageFilter filter)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(filter);
        endpoint.Messages.Filters.Add(filter);
        return endpoint;
    }
}
