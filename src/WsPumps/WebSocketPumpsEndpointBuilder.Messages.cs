using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Messages;

namespace WsPumps;

public sealed partial class WebSocketPumpsEndpointBuilder
{
    /// <summary>Adds a handler. All handlers are called for each message, one after the other.</summary>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder OnMessage(MessageHandler handler)
    {
        Messages.Add(handler);
        return this;
    }

    /// <inheritdoc cref="OnMessage(MessageHandler)"/>
    public WebSocketPumpsEndpointBuilder OnMessage(Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        OnMessage(Calls.Handler(handler));

    /// <inheritdoc cref="OnMessage(MessageHandler)"/>
    public WebSocketPumpsEndpointBuilder OnMessage(Action<IClient, Message, CancellationToken> handler) =>
        OnMessage(Calls.Handler(handler));

    /// <summary>
    /// Adds a handler class. Each message gets an object of its own, created in a service scope that ends with the message.
    /// </summary>
    /// <typeparam name="THandler">
    /// The class. Resolved from the services of the scope if it is registered, otherwise created with arguments from them.
    /// </typeparam>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpointBuilder OnMessage<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>()
        where THandler : class, IMessageHandler
    {
        Messages.Add<THandler>();
        return this;
    }

    /// <summary>
    /// Sets the handler that gets messages as streams, while they arrive: they need not fit in memory. They do not reach the handlers and
    /// filters of the endpoint. <see cref="ClientOptions.MaxStreamSize"/> limits their size.
    /// </summary>
    /// <param name="handler">Called for each of them.</param>
    /// <param name="type">Which messages; null for all of them.</param>
    /// <remarks>Only for clients that are made with <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.</remarks>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">The endpoint already has such a handler.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither text nor binary.</exception>
    public WebSocketPumpsEndpointBuilder OnMessageStream(MessageStreamHandler handler, WebSocketMessageType? type = null)
    {
        Messages.StreamTo(handler, type);
        return this;
    }

    /// <summary>
    /// The same with a handler class. Each message gets an object of its own, created in a service scope that ends with the message. If it
    /// is the class that the endpoint is mapped with, a <see cref="WebSocketPumpsHandler"/>, the object of the connection gets them.
    /// </summary>
    /// <typeparam name="THandler">
    /// The class. Resolved from the services of the scope if it is registered, otherwise created with arguments from them.
    /// </typeparam>
    /// <param name="type">Which messages; null for all of them.</param>
    /// <inheritdoc cref="OnMessageStream(MessageStreamHandler, WebSocketMessageType?)"/>
    public WebSocketPumpsEndpointBuilder OnMessageStream<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(WebSocketMessageType? type = null)
        where THandler : class, IMessageStreamHandler
    {
        Messages.StreamTo<THandler>(type);
        return this;
    }

    /// <summary>Adds a filter around the handlers. The one that is added first is the outermost.</summary>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpointBuilder AddFilter(MessageFilter filter)
    {
        Messages.Add(filter);
        return this;
    }
}
