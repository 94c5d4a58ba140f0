using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;
using WsPumps.Hosting;
using WsPumps.Messages;

namespace WsPumps;

/// <summary>
/// Configures what one WebSocket endpoint does with its connections: limits, callbacks and handlers. Used while it is mapped.
/// </summary>
/// <remarks>
/// The life of a connection: request checked, <see cref="Setup(Func{ConnectionSetup, ValueTask})"/>, upgrade,
/// <see cref="Factory(Func{ClientFactoryContext, ValueTask{IClient}})"/>, write pump starts,
/// <see cref="Register(Func{RegisterContext, ValueTask})"/>, added to the <see cref="Manager"/>, read pump starts, messages to the filters
/// and handlers; when both pumps have ended, removed from the manager, <see cref="Unregister(Func{UnregisterContext, ValueTask})"/>.
/// Callbacks add up, and are called in the order in which they were added. Each is limited by
/// <see cref="WebSocketPumpsEndpointOptions.CallbackTimeout"/>, even one that blocks its thread. What is added or set after the endpoint
/// was mapped would reach no connection, and is an <see cref="InvalidOperationException"/>.
/// </remarks>
public sealed partial class WebSocketPumpsEndpointBuilder
{
    private readonly Broadcaster _ofApplication;
    private readonly IManager _managerOfApplication;
    private readonly Mapping _mapping = new();
    private IManager? _manager;

    internal WebSocketPumpsEndpointBuilder(WebSocketPumpsEndpointOptions options, Broadcaster broadcaster, IManager manager)
    {
        Options = options;
        Broadcaster = _ofApplication = broadcaster;
        _managerOfApplication = manager;
        ConnectionLimits = new MappedList<ConnectionLimit>(_mapping);
        Messages = new(_mapping);
        Setups = new(_mapping);
        Registers = new(_mapping);
        Unregisters = new(_mapping);
        Expirings = new(_mapping);
    }

    /// <summary>The options of this endpoint: initially a copy of those given to <c>AddWebSocketPumps</c>.</summary>
    public WebSocketPumpsEndpointOptions Options { get; }

    /// <summary>
    /// How many connections this endpoint accepts: in total, or for each user, address, or key of your own. Checked after
    /// <see cref="Setup(Func{ConnectionSetup, ValueTask})"/>; a request that passes a limit is refused with 503, or takes the place of the
    /// oldest connection. Every limit must have a place.
    /// </summary>
    /// <remarks>
    /// With <c>RunWebSocketPumpsAsync</c>, make the limit once, outside the call: one that is made for a request counts only that request.
    /// </remarks>
    public IList<ConnectionLimit> ConnectionLimits { get; }

    /// <summary>
    /// Limits how many messages connections send. Those that share a partition, such as a user or an address, share the limit. Each message
    /// takes one permit. Without a free permit, the message waits if the limiter has a queue, and the connection is not read in the
    /// meantime; otherwise the connection is closed with 1008.
    /// </summary>
    /// <value>
    /// Default: null. For a limit on each connection alone, <see cref="ClientOptions.MaxMessagesPerSecond"/> costs less. Only for clients
    /// that are made with <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.
    /// </value>
    public PartitionedRateLimiter<HttpContext>? MessageLimiter { get; set => field = _mapping.Open(value); }

    /// <summary>
    /// The same for payload bytes: each message takes as many permits as it has bytes, so the limit must be at least
    /// <see cref="ClientOptions.MaxMessageSize"/>.
    /// </summary>
    /// <value>Default: null.</value>
    public PartitionedRateLimiter<HttpContext>? ByteLimiter { get; set => field = _mapping.Open(value); }

    /// <summary>
    /// Whether a client whose connection is lost, and that comes back within <see cref="ResumeOptions.Window"/>, continues its session: the
    /// same <see cref="IClient"/>, in its groups, with the messages that it missed. It is for clients that ask for it, by the protocol of
    /// docs/resume.md.
    /// </summary>
    /// <value>Default: null, a client ends with its connection. Only for clients that are made with
    /// <see cref="ClientFactoryContext.CreateClient"/>, wrapped or not.</value>
    public ResumeOptions? Resume { get; set => field = _mapping.Open(value); }

    /// <summary>
    /// Whether the runtime's WebSocket sends the pings and aborts when no pong comes. Set it where
    /// <see cref="Factory(Func{ClientFactoryContext, ValueTask{IClient}})"/> makes clients that use the socket directly; the pings of
    /// <see cref="Client"/> are better and must not run beside them.
    /// </summary>
    /// <value>Default: false.</value>
    public bool PlatformKeepAlive { get; set => field = _mapping.Open(value); }

    /// <summary>
    /// The broadcaster that reaches the connections of this endpoint, whichever <see cref="Manager"/> also knows them. It also drains them.
    /// </summary>
    /// <value>Default: the one of the application. <c>AddBroadcaster</c> registers others.</value>
    public Broadcaster Broadcaster
    {
        get;
        set => field = _mapping.Open(value) ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// A manager of your own that each connection of this endpoint is registered with. It runs from the start of the host to its stop.
    /// </summary>
    /// <value>
    /// Default: the <see cref="IManager"/> of the application; where <see cref="Broadcaster"/> is set, that broadcaster's manager.
    /// </value>
    public IManager Manager
    {
        get => _manager ?? (Broadcaster == _ofApplication ? _managerOfApplication : Broadcaster.Manager);
        set => _manager = _mapping.Open(value) ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Whether the endpoint is the library's own: its connections count in no limit, budget or metric of the application.
    /// </summary>
    internal bool IsInternal { get; init; }

    /// <summary>What happens to the messages that are received.</summary>
    internal EndpointMessages Messages { get; }

    internal CallbackList<ConnectionSetup> Setups { get; }

    internal Func<ClientFactoryContext, ValueTask<IClient>>? ClientFactory { get; private set; }

    internal CallbackList<RegisterContext> Registers { get; }

    internal CallbackList<UnregisterContext> Unregisters { get; }

    internal CallbackList<AuthenticationExpiringContext> Expirings { get; }

    /// <summary>Makes the handler object of a connection, where the endpoint has a handler class.</summary>
    internal Func<HttpContext, WebSocketPumpsHandler>? HandlerClass { get; set; }

    /// <summary>From here on, what is added or set would come too late.</summary>
    internal void Mapped() => _mapping.End();

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

    /// <summary>Sets how the client of an accepted connection is created. The default is a <see cref="Client"/>.</summary>
    /// <param name="factory">
    /// Called once for each connection: <see cref="ClientFactoryContext.CreateClient"/>, as it is or wrapped, or a client of your own. An
    /// exception or null closes the connection with 1011.
    /// </param>
    /// <returns>The same endpoint.</returns>
    /// <exception cref="InvalidOperationException">The endpoint already has a factory.</exception>
    [OverloadResolutionPriority(1)]
    public WebSocketPumpsEndpointBuilder Factory(Func<ClientFactoryContext, ValueTask<IClient>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ClientFactory = _mapping.Open(ClientFactory) is null ? factory
            : throw new InvalidOperationException("The endpoint has a factory already, and a connection has one client.");
        return this;
    }

    /// <inheritdoc cref="Factory(Func{ClientFactoryContext, ValueTask{IClient}})"/>
    public WebSocketPumpsEndpointBuilder Factory(Func<ClientFactoryContext, IClient> factory) => Factory(Calls.Done(factory));

    /// <summary>
    /// Adds a callback that is called once for each connection, before its first message is handled and before the manager knows it. What
    /// it writes to the client is sent before anything else. An exception closes the connection with 1011.
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
    /// Adds a callback that is called exactly once for each connection that was registered, or was to be: after both pumps have ended and
    /// the manager has forgotten it. An exception is logged, and does not prevent other callbacks from being called.
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
    /// Adds a callback for when the user's authentication will expire in <see cref="ClientOptions.AuthenticationNotice"/>: time to ask the
    /// peer for a fresh proof, for example with a message. Whoever handles the answer calls <see cref="IClient.RefreshAuthentication"/>. An
    /// exception is logged.
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
}
