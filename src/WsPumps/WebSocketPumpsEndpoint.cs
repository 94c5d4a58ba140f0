using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace WsPumps;

/// <summary>What one WebSocket endpoint does with its connections: limits, callbacks and handlers. Filled in once, when the endpoint is mapped.</summary>
/// <remarks>
/// The life of a connection: request checked, <see cref="Setup"/>, upgrade, <see cref="Factory"/>, write pump starts,
/// <see cref="Register"/>, added to the <see cref="Manager"/>, read pump starts, messages to the <see cref="Handlers"/>; when both
/// pumps have ended, removed from the manager, <see cref="Unregister"/>.
/// </remarks>
public sealed class WebSocketPumpsEndpoint
{
    internal WebSocketPumpsEndpoint(WebSocketPumpsOptions options, IManager manager)
    {
        Options = options;
        Manager = manager;
    }

    /// <summary>The options of this endpoint: at first a copy of those given to <c>AddWebSocketPumps</c>.</summary>
    public WebSocketPumpsOptions Options { get; }

    /// <summary>
    /// How many connections this endpoint lets in: in all, or for each user, address, or key of your own. Checked after <see cref="Setup"/>; a request that passes
    /// a limit is refused with 503, or takes the place of the oldest connection. Every limit must have a place.
    /// </summary>
    /// <remarks>With <c>RunWebSocketPumpsAsync</c>, make the limit once, outside the call: one that is made for a request counts only that request.</remarks>
    public IList<ConnectionLimit> ConnectionLimits { get; } = [];

    /// <summary>
    /// Limits how many messages connections send, together where they share a partition: a user, an address. Each message takes one permit. Where there is
    /// none, the message waits if the limiter has a queue, and the connection is not read meanwhile; else the connection is closed with 1008.
    /// </summary>
    /// <value>Default: null. For a limit for each connection by itself, <see cref="ClientOptions.MaxMessagesPerSecond"/> costs less. Only for <see cref="Client"/> and clients that wrap one.</value>
    public PartitionedRateLimiter<HttpContext>? MessageLimiter { get; set; }

    /// <summary>The same for payload bytes: each message takes as many permits as it has bytes, so there must be as many as the largest message has.</summary>
    /// <value>Default: null.</value>
    public PartitionedRateLimiter<HttpContext>? ByteLimiter { get; set; }

    /// <summary>Called before the upgrade, with the request. May refuse it, or change the options of this one connection.</summary>
    public Func<ConnectionSetup, ValueTask>? Setup { get; set; }

    /// <summary>Makes the client of an accepted connection. Default (null): a <see cref="Client"/>.</summary>
    public Func<ClientFactoryContext, IClient>? Factory { get; set; }

    /// <summary>
    /// Whether the runtime's WebSocket sends the pings and aborts where no pong comes. Set it where <see cref="Factory"/> makes
    /// clients that use the socket by themselves; the pings of <see cref="Client"/> are better and must not run beside them.
    /// </summary>
    /// <value>Default: false.</value>
    public bool PlatformKeepAlive { get; set; }

    /// <summary>
    /// Called once for each connection, before its first message is handled and before the manager knows it. What it writes to
    /// the client leaves before anything else. An exception closes the connection with 1011.
    /// </summary>
    /// <remarks>
    /// To have the client reached by broadcasts from some point of the callback on, add it to the manager there: adding it
    /// twice is harmless. A snapshot followed by changes loses none if the client is added first. The token fires when the connection ends,
    /// also after the callback has returned, so that work which it started can end with the connection; and when the server drains while the callback runs.
    /// </remarks>
    public Func<IClient, CancellationToken, ValueTask>? Register { get; set; }

    /// <summary>
    /// Called exactly once for each connection that <see cref="Register"/> was called for, after both pumps have ended and the
    /// manager has forgotten it. <see cref="IClient.Completion"/> tells how it ended.
    /// </summary>
    public Func<IClient, ValueTask>? Unregister { get; set; }

    /// <summary>
    /// Called when the user's authentication expires in <see cref="ClientOptions.AuthenticationNotice"/>: time to ask the peer for a fresh proof, for example with
    /// a message. Whoever handles the answer calls <see cref="IClient.RefreshAuthentication"/>. Must return quickly.
    /// </summary>
    /// <remarks>Not called for clients that are neither a <see cref="Client"/> nor wrap one.</remarks>
    public Action<IClient>? AuthenticationExpiring { get; set; }

    /// <summary>Called one after the other for each message.</summary>
    public IList<MessageHandler> Handlers { get; } = [];

    /// <summary>Which manager knows the connections of this endpoint. Default: the <see cref="IManager"/> of the application.</summary>
    public IManager Manager
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Adds a handler that reads each text message as JSON.</summary>
    /// <inheritdoc cref="JsonHandler.Create"/>
    /// <returns>The same endpoint.</returns>
    public WebSocketPumpsEndpoint OnJson<T>(
        JsonTypeInfo<T> typeInfo,
        Func<IClient, T, CancellationToken, ValueTask> handler,
        Func<IClient, JsonException, CancellationToken, ValueTask>? onMalformed = null)
    {
        Handlers.Add(JsonHandler.Create(typeInfo, handler, onMalformed));
        return this;
    }

    /// <summary>Whether the endpoint is the library's own: its connections count in no limit, budget or metric of the application.</summary>
    internal bool IsInternal { get; init; }

    /// <summary>Makes the handler object of a connection, where the endpoint has a handler class.</summary>
    internal Func<HttpContext, WebSocketPumpsHandler>? HandlerFactory { get; set; }
}
