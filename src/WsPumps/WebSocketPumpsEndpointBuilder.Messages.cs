using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Messages;

namespace WsPumps;

/// <content>What becomes of the messages that are received.</content>
public sealed partial class WebSocketPumpsEndpointBuilder
{
    internal List<Func<HandlerServices, MessageHandler>> Handlers { get; } = [];

    internal List<MessageFilter> Filters { get; } = [];

    internal Func<HandlerServices, MessageStreamHandler>? StreamHandler { get; private set; }

    /// <summary>What <see cref="StreamHandler"/> makes an object of; null where it is none of a class.</summary>
    internal Type? StreamHandlerClass { get; private set; }

    internal WebSocketMessageType? StreamedType { get; private set; }

    /// <summary>The JSON messages of the endpoint; null where it has no handler for any.</summary>
    internal JsonMessages? Json { get; private set; }

    /// <summary>Adds a handler. All handlers are called for each message, one after the other.</summary>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder OnMessage(MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Handlers.Add(_ => handler);
        return this;
    }

    /// <inheritdoc cref="OnMessage(MessageHandler)"/>
    public WebSocketPumpsEndpointBuilder OnMessage(Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        OnMessage(Calls.Handler(handler));

    /// <inheritdoc cref="OnMessage(MessageHandler)"/>
    public WebSocketPumpsEndpointBuilder OnMessage(Action<IClient, Message, CancellationToken> handler) =>
        OnMessage(Calls.Handler(handler));

    /// <summary>
    /// Adds a handler class of which there is an object for each message, made in a scope of services that ends with the message.
    /// </summary>
    /// <typeparam name="THandler">
    /// The class. Taken from the services of the scope when it is registered there, else made with arguments from them.
    /// </typeparam>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpointBuilder OnMessage<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IMessageHandler
    {
        Handlers.Add(static services =>
        {
            var handlers = new ScopedHandlers<THandler>(services.Scopes);
            return (client, message, token) => handlers.HandleAsync(
                static (handler, client, message, token) => handler.HandleAsync(client, message, token), client, message, token);
        });
        return this;
    }

    /// <summary>
    /// Says who gets messages while they arrive, as streams: they need not fit in memory. They do not reach the handlers and filters of the
    /// endpoint. <see cref="ClientOptions.MaxStreamSize"/> is their bound.
    /// </summary>
    /// <param name="handler">Called for each of them.</param>
    /// <param name="type">Which messages; null for all of them.</param>
    /// <remarks>Only for clients that are made with <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.</remarks>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">The endpoint has such a handler.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public WebSocketPumpsEndpointBuilder OnMessageStream(MessageStreamHandler handler, WebSocketMessageType? type = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Stream(_ => handler, type);
    }

    /// <summary>
    /// The same with a handler class, of which there is an object for each message, made in a scope of services that ends with the message.
    /// Where it is the class that the endpoint is mapped with, <see cref="WebSocketPumpsHandler"/>, the object of the connection gets them.
    /// </summary>
    /// <typeparam name="THandler">
    /// The class. Taken from the services of the scope when it is registered there, else made with arguments from them.
    /// </typeparam>
    /// <param name="type">Which messages; null for all of them.</param>
    /// <inheritdoc cref="OnMessageStream(MessageStreamHandler, WebSocketMessageType?)"/>
    public WebSocketPumpsEndpointBuilder OnMessageStream<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(WebSocketMessageType? type = null)
        where THandler : class, IMessageStreamHandler
    {
        StreamHandlerClass = typeof(THandler);
        return Stream(HandlersOf<THandler>, type);
    }

    /// <exception cref="InvalidOperationException">There is a handler that no message can reach.</exception>
    internal void ThrowIfUnreachable()
    {
        if (StreamHandler is not null && StreamedType is null && (Handlers.Count > 0 || HandlerClass is not null))
        {
            throw new InvalidOperationException($"The endpoint streams all messages ({nameof(OnMessageStream)}), so its other handlers " +
                $"would never be called. Stream one type, as with {nameof(OnMessageStream)}(handler, WebSocketMessageType.Binary), or " +
                "remove the others.");
        }
    }

    /// <summary>Adds a filter around the handlers. The one that is added first is the outermost.</summary>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpointBuilder AddFilter(MessageFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Filters.Add(filter);
        return this;
    }

    private static MessageStreamHandler HandlersOf<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(HandlerServices services)
        where THandler : class, IMessageStreamHandler
    {
        var handlers = new ScopedHandlers<THandler>(services.Scopes);
        return (client, message, cancellationToken) => handlers.HandleAsync(
            static (handler, client, message, token) => handler.HandleAsync(client, message, token), client, message, cancellationToken);
    }

    private WebSocketPumpsEndpointBuilder Stream(Func<HandlerServices, MessageStreamHandler> handler, WebSocketMessageType? type)
    {
        if (type is WebSocketMessageType.Close)
            throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary. Null is both.");
        if (StreamHandler is not null)
            throw new InvalidOperationException("The endpoint streams messages to a handler already, and one can be read only once.");

        (StreamHandler, StreamedType) = (handler, type);
        return this;
    }

    /// <summary>The JSON messages of the endpoint. They are one handler, which stands where the first of them was added.</summary>
    internal JsonMessages AddJson()
    {
        if (Json is { } json)
            return json;

        json = Json = new JsonMessages();
        Handlers.Add(services => json.HandlerFor(services.Logger));
        return json;
    }
}
