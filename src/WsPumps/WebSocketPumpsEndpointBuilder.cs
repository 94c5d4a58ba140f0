using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;
using WsPumps.Messages;

namespace WsPumps;

/// <summary>
/// Says what one WebSocket endpoint does with its connections: limits, callbacks and handlers. Filled in once, when the endpoint is mapped.
/// </summary>
/// <remarks>
/// The life of a connection: request checked, <see cref="Setup(Func{ConnectionSetup, ValueTask})"/>, upgrade,
/// <see cref="Factory(Func{ClientFactoryContext, ValueTask{IClient}})"/>, write pump starts,
/// <see cref="Register(Func{RegisterContext, ValueTask})"/>, added to the <see cref="Manager"/>, read pump starts, messages to the
/// filters and handlers; when both pumps have ended, removed from the manager,
/// <see cref="Unregister(Func{UnregisterContext, ValueTask})"/>. Callbacks add up: those that were given first are called first. Each is
/// limited by <see cref="WebSocketPumpsEndpointOptions.CallbackTimeout"/>, also one that blocks its thread.
/// </remarks>
public sealed class WebSocketPumpsEndpointBuilder
{
    private readonly Broadcaster _ofApplication;
    private readonly IManager _managerOfApplication;
    private IManager? _manager;

    internal WebSocketPumpsEndpointBuilder(WebSocketPumpsEndpointOptions options, Broadcaster broadcaster, IManager manager)
    {
        Options = options;
        Broadcaster = _ofApplication = broadcaster;
        _managerOfApplication = manager;
    }

    /// <summary>The options of this endpoint: at first a copy of those given to <c>AddWebSocketPumps</c>.</summary>
    public WebSocketPumpsEndpointOptions Options { get; }

    /// <summary>
    /// How many connections this endpoint lets in: in all, or for each user, address, or key of your own. Checked after
    /// <see cref="Setup(Func{ConnectionSetup, ValueTask})"/>; a request that passes
    /// a limit is refused with 503, or takes the place of the oldest connection. Every limit must have a place.
    /// </summary>
    /// <remarks>
    /// With <c>RunWebSocketPumpsAsync</c>, make the limit once, outside the call: one that is made for a request counts only that request.
    /// </remarks>
    public IList<ConnectionLimit> ConnectionLimits { get; } = [];

    /// <summary>
    /// Limits how many messages connections send, together where they share a partition: a user, an address. Each message takes one
    /// permit. Where there is none, the message waits if the limiter has a queue, and the connection is not read meanwhile; else the
    /// connection is closed with 1008.
    /// </summary>
    /// <value>
    /// Default: null. For a limit for each connection by itself, <see cref="ClientOptions.MaxMessagesPerSecond"/> costs less. Only for
    /// clients that are made with <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.
    /// </value>
    public PartitionedRateLimiter<HttpContext>? MessageLimiter { get; set; }

    /// <summary>
    /// The same for payload bytes: each message takes as many permits as it has bytes, so there must be as many as the largest message has.
    /// </summary>
    /// <value>Default: null.</value>
    public PartitionedRateLimiter<HttpContext>? ByteLimiter { get; set; }

    /// <summary>
    /// Whether a client whose connection is lost, and that comes back within a while, goes on with its session: the same
    /// <see cref="IClient"/>, in its groups, with the messages that it missed. It is for clients that ask for it, by the protocol of
    /// docs/resume.md.
    /// </summary>
    /// <value>Default: null, a client ends with its connection. Only for clients that are made with
    /// <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.</value>
    public ResumeOptions? Resume { get; set; }

    /// <summary>
    /// Whether the runtime's WebSocket sends the pings and aborts where no pong comes. Set it where
    /// <see cref="Factory(Func{ClientFactoryContext, ValueTask{IClient}})"/> makes
    /// clients that use the socket by themselves; the pings of <see cref="Client"/> are better and must not run beside them.
    /// </summary>
    /// <value>Default: false.</value>
    public bool PlatformKeepAlive { get; set; }

    /// <summary>
    /// Which broadcaster reaches the connections of this endpoint, whatever <see cref="Manager"/> knows them as well. It drains them too.
    /// </summary>
    /// <value>Default: the one of the application. <c>AddBroadcaster</c> registers others.</value>
    public Broadcaster Broadcaster
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// A manager of your own that is told of each connection of this endpoint. It is run from the start of the host to its stop.
    /// </summary>
    /// <value>
    /// Default: the <see cref="IManager"/> of the application; where <see cref="Broadcaster"/> is set, that broadcaster's manager.
    /// </value>
    public IManager Manager
    {
        get => _manager ?? (Broadcaster == _ofApplication ? _managerOfApplication : Broadcaster.Manager);
        set => _manager = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Whether the endpoint is the library's own: its connections count in no limit, budget or metric of the application.
    /// </summary>
    internal bool IsInternal { get; init; }

    /// <summary>What becomes of the messages that are received.</summary>
    internal EndpointMessages Messages { get; } = new();

    internal CallbackList<ConnectionSetup> Setups { get; } = new();

    internal Func<ClientFactoryContext, ValueTask<IClient>>? ClientFactory { get; private set; }

    internal CallbackList<RegisterContext> Registers { get; } = new();

    internal CallbackList<UnregisterContext> Unregisters { get; } = new();

    internal CallbackList<AuthenticationExpiringContext> Expirings { get; } = new();

    /// <summary>Makes the handler object of a connection, where the endpoint has a handler class.</summary>
    internal Func<HttpContext, WebSocketPumpsHandler>? HandlerClass { get; set; }

    /// <summary>
    /// Adds a callback before the upgrade, with the request. It may refuse it, or change the options of this one connection.
    /// </summary>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder Setup(Func<ConnectionSetup, ValueTask> setup)
    {
        Setups.Add(setup);
        return this;
    }

    /// <inheritdoc cref="Setup(Func{ConnectionSetup, ValueTask})"/>
    public WebSocketPumpsEndpointBuilder Setup(Action<ConnectionSetup> setup) => Setup(Calls.Done(setup));

    /// <summary>Says how the client of an accepted connection is made. Without it, it is a <see cref="Client"/>.</summary>
    /// <param name="factory">
    /// Called once for each connection: <see cref="ClientFactoryContext.CreateClient"/>, as it is or wrapped, or a client of your own. An
    /// exception, and null, closes the connection with 1011.
    /// </param>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">The endpoint has a factory.</exception>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder Factory(Func<ClientFactoryContext, ValueTask<IClient>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ClientFactory = ClientFactory is null ? factory
            : throw new InvalidOperationException("The endpoint has a factory already, and a connection has one client.");
        return this;
    }

    /// <inheritdoc cref="Factory(Func{ClientFactoryContext, ValueTask{IClient}})"/>
    public WebSocketPumpsEndpointBuilder Factory(Func<ClientFactoryContext, IClient> factory) => Factory(Calls.Done(factory));

    /// <summary>
    /// Adds a callback that is called once for each connection, before its first message is handled and before the manager knows it. What
    /// it writes to the client leaves before anything else. An exception closes the connection with 1011.
    /// </summary>
    /// <remarks>
    /// To have the client reached by broadcasts from some point of the callback on, add it to the manager there: adding it
    /// twice is harmless. A snapshot followed by changes loses none if the client is added first.
    /// </remarks>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder Register(Func<RegisterContext, ValueTask> register)
    {
        Registers.Add(register);
        return this;
    }

    /// <inheritdoc cref="Register(Func{RegisterContext, ValueTask})"/>
    public WebSocketPumpsEndpointBuilder Register(Func<RegisterContext, ValueTask<WriteResult>> register) => Register(Calls.Done(register));

    /// <inheritdoc cref="Register(Func{RegisterContext, ValueTask})"/>
    public WebSocketPumpsEndpointBuilder Register(Action<RegisterContext> register) => Register(Calls.Done(register));

    /// <summary>
    /// Adds a callback that is called exactly once for each connection that was accepted, after both pumps have ended and the manager has
    /// forgotten it. An exception is logged, and keeps no other callback from being called.
    /// </summary>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder Unregister(Func<UnregisterContext, ValueTask> unregister)
    {
        Unregisters.Add(unregister);
        return this;
    }

    /// <inheritdoc cref="Unregister(Func{UnregisterContext, ValueTask})"/>
    public WebSocketPumpsEndpointBuilder Unregister(Action<UnregisterContext> unregister) => Unregister(Calls.Done(unregister));

    /// <summary>
    /// Adds a callback for when the user's authentication expires in <see cref="ClientOptions.AuthenticationNotice"/>: time to ask the
    /// peer for a fresh proof, for example with a message. Whoever handles the answer calls <see cref="IClient.RefreshAuthentication"/>.
    /// An exception is logged.
    /// </summary>
    /// <remarks>
    /// Only for clients that are made with <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not. One that is written from
    /// scratch is closed when the time comes, without this notice; <see cref="ClientFactoryContext.RefreshAuthentication"/> puts that off.
    /// </remarks>
    /// <returns>The same endpoint.</returns>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder AuthenticationExpiring(Func<AuthenticationExpiringContext, ValueTask> expiring)
    {
        Expirings.Add(expiring);
        return this;
    }

    /// <inheritdoc cref="AuthenticationExpiring(Func{AuthenticationExpiringContext, ValueTask})"/>
    public WebSocketPumpsEndpointBuilder AuthenticationExpiring(Func<AuthenticationExpiringContext, ValueTask<WriteResult>> expiring) =>
        AuthenticationExpiring(Calls.Done(expiring));

    /// <inheritdoc cref="AuthenticationExpiring(Func{AuthenticationExpiringContext, ValueTask})"/>
    public WebSocketPumpsEndpointBuilder AuthenticationExpiring(Action<AuthenticationExpiringContext> expiring) =>
        AuthenticationExpiring(Calls.Done(expiring));

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
        Messages.Add<THandler>();
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
        Messages.StreamTo(handler, type);
        return this;
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
        Messages.StreamTo<THandler>(type);
        return this;
    }

    /// <summary>Adds a filter around the handlers. The one that is added first is the outermost.</summary>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpointBuilder AddFilter(MessageFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        Messages.Filters.Add(filter);
        return this;
    }
}
