using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using WsPumps.Messages;

namespace WsPumps;

/// <content>What becomes of the messages that are received.</content>
public sealed partial class WebSocketPumpsEndpointBuilder
{
    internal List<Func<HandlerServices, MessageHandler>> Handlers { get; } = [];

    internal List<MessageFilter> Filters { get; } = [];

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
        Handlers.Add(static services => new ScopedHandler<THandler>(services.Scopes).HandleAsync);
        return this;
    }

    /// <summary>Adds a filter around the handlers. The one that is added first is the outermost.</summary>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpointBuilder AddFilter(MessageFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Filters.Add(filter);
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
