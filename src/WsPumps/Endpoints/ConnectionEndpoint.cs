using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using WsPumps.Hosting;
using WsPumps.Messages;
using WsPumps.Sessions;

namespace WsPumps.Endpoints;

/// <summary>
/// From a request to a running connection: check, set up, accept, create, run. Every endpoint, however it is mapped, comes through here.
/// </summary>
internal sealed class ConnectionEndpoint
{
    private readonly PumpsServer _server;
    private readonly WebSocketPumpsEndpointBuilder _endpoint;
    private readonly ClientMaker _clients;
    private readonly ServerHandshake _handshake;
    private readonly HandlerServices _services;
    private readonly ConnectionCallbacks _callbacks;
    private readonly SessionResumption? _sessions;

    /// <param name="server">The server.</param>
    /// <param name="configure">Fills the endpoint in.</param>
    /// <param name="name">What it is called on every server, for sessions that move between them; null where none do.</param>
    public ConnectionEndpoint(PumpsServer server, Action<WebSocketPumpsEndpointBuilder> configure, string? name = null)
        : this(server, new WebSocketPumpsEndpointBuilder(server.Options.Copy(), server.Broadcaster, server.Manager), configure, name)
    {
    }

    private ConnectionEndpoint(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint, Action<WebSocketPumpsEndpointBuilder> configure,
        string? name = null)
    {
        (_server, _endpoint) = (server, endpoint);
        configure(_endpoint);
        _endpoint.Mapped();
        _endpoint.Messages.ThrowIfUnreachable(_endpoint.HandlerClass is not null);
        OptionsValidator.ThrowIfInvalid(_endpoint.Options);
        foreach (var limit in _endpoint.ConnectionLimits)
            limit.ThrowIfUncounted(server.Cluster);
        _sessions = _endpoint.Resume is null ? null : new SessionResumption(server, _endpoint, _endpoint.Resume, name);
        _services = new HandlerServices(server.Scopes, server.Logger, _endpoint.HandlerClass is not null);
        _clients = new ClientMaker(server, _endpoint, _services);
        _handshake = new ServerHandshake(server, _endpoint, _clients.Create);
        _callbacks = ConnectionCallbacks.Of(_endpoint, _services);
        server.Broadcasters.Add(_endpoint.Broadcaster);
        if (_endpoint.Manager != _endpoint.Broadcaster.Manager)
            server.Managers.Add(_endpoint.Manager);
    }

    /// <summary>Null where the connections of the endpoint are counted nowhere.</summary>
    private ServerMetrics? Metrics => _endpoint.IsInternal ? null : _server.Metrics;

    /// <summary>Null where nobody watches the connections of the endpoint.</summary>
    private IConnectionObserver? Observer => _endpoint.IsInternal ? null : _server.Observer;

    /// <summary>An endpoint of the library itself. It begins with the defaults, whatever the options of the application are.</summary>
    public static ConnectionEndpoint Internal(PumpsServer server, Action<WebSocketPumpsEndpointBuilder> configure) =>
        new(
            server,
            new WebSocketPumpsEndpointBuilder(new WebSocketPumpsOptions(), server.Broadcaster, server.Manager) { IsInternal = true },
            configure);

    public IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string pattern) => routes.Map(pattern, HandleAsync)
        .WithDisplayName($"WebSocket pumps: {pattern}")
        .WithMetadata(MappedEndpoint.Instance)
        // A page that redirects, or a time limit for an answer, is nothing that a WebSocket client could make use of.
        .DisableCookieRedirect()
        .DisableRequestTimeout();

    /// <summary>For an endpoint of one request.</summary>
    public async Task HandleOnceAsync(HttpContext http)
    {
        try
        {
            await HandleAsync(http);
        }
        finally
        {
            _server.Broadcasters.Remove(_endpoint.Broadcaster);
        }
    }

    public async Task HandleAsync(HttpContext http)
    {
        var upgrade = WebSocketUpgrade.TryInstall(http);
        using var admission = new Admission(_server.Users, _server.Cluster);
        using var session = _sessions?.Of(http);
        var context = await _handshake.RunAsync(http, upgrade, admission, session);
        if (context is null)
            return;

        if (session is { IsResumed: true })
        {
            await ServeAsync(session, context.WebSocket, upgrade, http.RequestAborted);
            return;
        }

        var webSocket = context.WebSocket;
        var opened = Metrics?.Opened(http);
        object? observed = null;
        ConnectionRunner? runner = null;
        try
        {
            if (await _clients.MakeAsync(context) is { } made)
            {
                runner = RunnerOf(made.Client, made.Handler, context, admission, session);
                using var scope = new ConnectionScope(runner.Client, context.Source).Begin(_server.Logger);
                observed = Observer?.Opened(runner.Client, made.Client.Created, http, _endpoint.Broadcaster);
                if (session is { IsMoving: false })
                    session.Begin(made.Client.Created);
                // A session outlives this connection, and so does the registering of its client.
                await runner.RunAsync(http.RequestAborted, registering: session is { IsKept: true }
                    ? CancellationToken.None : http.RequestAborted);
            }
        }
        finally
        {
            await EndAsync(webSocket);
            upgrade?.Disarm();
            if (opened is { } counted)
                _server.Metrics.Ended(counted, runner?.Client);
            if (observed is not null)
                Observer!.Ended(observed);
        }
    }

    /// <summary>An older session goes on with this connection.</summary>
    private static async Task ServeAsync(SessionRequest session, WebSocket webSocket, WebSocketUpgrade? upgrade,
        CancellationToken requestAborted)
    {
        try
        {
            await session.ServeAsync(webSocket, requestAborted);
        }
        finally
        {
            await EndAsync(webSocket);
            upgrade?.Disarm();
        }
    }

    /// <summary>A client that uses the socket by itself may leave with a close frame that the peer has not read.</summary>
    private static ValueTask EndAsync(WebSocket webSocket)
    {
        if (webSocket is StreamWebSocket ours)
            return ours.DisposeAsync();

        webSocket.Dispose();
        return default;
    }

    private ConnectionRunner RunnerOf(ConnectedClient connected, WebSocketPumpsHandler? handler, ClientFactoryContext context,
        Admission admission, SessionRequest? session)
    {
        var (client, http, logger) = (connected.Client, context.HttpContext, _server.Logger);
        var callbacks = handler is null ? _callbacks : ConnectionCallbacks.Of(handler, _endpoint, _services);
        if (!connected.IsPlain)
            callbacks = callbacks.For(client);
        var calls = new ConnectionCalls(client, connected.CallbackTimeout, _server.Time, logger);
        if (http.Features.Get<IClientFeature>() is { } feature)
            feature.Client = client;
        admission.Occupy(new Replacement(client, _server.Time, logger));
        Watch(connected, callbacks, context, calls);
        var registration = new ConnectionRegistration(connected, http, _endpoint.Broadcaster.Manager, _endpoint.Manager, callbacks,
            _server.Pending, _server.Options.UserId, calls, logger);
        return new ConnectionRunner(connected, calls, new ConnectionPumps(connected, calls, logger), registration, callbacks)
        {
            Arriving = session is { IsMoving: true } ? () => ArriveAsync(session, connected, registration) : null,
            Authentication = connected.Created is null ? context.Authentication : null,
            HurriedBy = InMemoryPeer.IsOf(http) ? _server.Pending.Closing : CancellationToken.None,
            Drain = _server.Options.Drain,
        };
    }

    /// <summary>Takes the session over that the client was made for. Where that fails, the peer is asked to come again.</summary>
    private async Task<bool> ArriveAsync(SessionRequest session, ConnectedClient connected, ConnectionRegistration registration)
    {
        if (connected.Created is { } client)
        {
            registration.MovedFrom = await session.TakeAsync(client, groups => registration.JoinAsync(_endpoint.Broadcaster, groups));
            if (registration.MovedFrom is not null)
            {
                session.Begin(client);
                return true;
            }
        }

        await connected.Client.CloseAsync(SessionRequest.ComeAgain, SessionRequest.CouldNotGoOn, CloseMode.Now);
        return false;
    }

    /// <summary>Lets the connection end with its user's authentication, and the callback be called beforehand.</summary>
    private static void Watch(ConnectedClient connected, ConnectionCallbacks callbacks, ClientFactoryContext context, ConnectionCalls calls)
    {
        if (connected.Created is null)
        {
            context.Authentication!.Watch(connected.Client);
        }
        else if (callbacks.AuthenticationExpiring is { } expiring)
        {
            var http = context.HttpContext;
            connected.Created.Events.AuthenticationExpiring += async expiry => await calls.TryAsync("authentication expiring",
                token => expiring(new AuthenticationExpiringContext(connected.Client, http, expiry.ExpiresAt, token)));
        }
    }
}
