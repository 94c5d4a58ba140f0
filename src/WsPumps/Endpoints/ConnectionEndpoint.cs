using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
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
    private readonly RequestChecks _checks;
    private readonly ClientMaker _clients;
    private readonly Func<ClientFactoryContext, Client> _create;
    private readonly HandlerServices _services;
    private readonly ConnectionCallbacks _callbacks;
    private readonly SetupStep _setUp;
    private readonly SessionResumption? _sessions;

    public ConnectionEndpoint(PumpsServer server, Action<WebSocketPumpsEndpointBuilder> configure)
        : this(server, new WebSocketPumpsEndpointBuilder(server.Options.Copy(), server.Broadcaster, server.Manager), configure)
    {
    }

    private ConnectionEndpoint(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint, Action<WebSocketPumpsEndpointBuilder> configure)
    {
        (_server, _endpoint) = (server, endpoint);
        configure(_endpoint);
        OptionsValidator.ThrowIfInvalid(_endpoint.Options);
        _checks = new RequestChecks(server, _endpoint);
        _sessions = _endpoint.Resume is null ? null : new SessionResumption(server, _endpoint.Resume);
        _clients = new ClientMaker(server, _endpoint);
        _create = _clients.Create;
        _services = new HandlerServices(server.Scopes, server.Logger);
        _callbacks = ConnectionCallbacks.Of(_endpoint, _services);
        _setUp = new SetupStep(server, _endpoint);
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
        using var admission = new Admission();
        using var session = _sessions?.Of(http);
        var context = await AdmitAsync(http, upgrade, admission, session);
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
                runner = RunnerOf(made.Client, made.Handler, context, admission);
                using var scope = new ConnectionScope(runner.Client, http).Begin(_server.Logger);
                observed = Observer?.Opened(runner.Client, http, _endpoint.Broadcaster);
                session?.Begin(made.Client.Created);
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

    /// <returns>The open connection; null when the request was answered instead.</returns>
    private async Task<ClientFactoryContext?> AdmitAsync(HttpContext http, WebSocketUpgrade? upgrade, Admission admission,
        SessionRequest? session)
    {
        if (_checks.Check(http, admission, session is { MayResume: true }, out var subProtocol) is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return null;
        }

        var setup = await SetUpAsync(http, subProtocol);
        if ((setup.Refusal ?? await EnterAsync(http, admission, session, setup)) is { } refusalAfterSetup)
        {
            await RefuseAsync(http, refusalAfterSetup);
            return null;
        }

        if (await AcceptAsync(http, upgrade, setup, session) is not { } webSocket)
            return null;

        return new ClientFactoryContext(http, webSocket, setup.Options, _create)
        {
            Resume = session is { IsKept: true } ? _endpoint.Resume : null,
            AuthenticationExpiresAt = setup.AuthenticationExpiresAt,
            // The default client sees to it by itself.
            Authentication = _endpoint.ClientFactory is null ? null
                : new ForeignAuthentication(setup.AuthenticationExpiresAt, _server.Time, _server.Logger),
        };
    }

    /// <summary>A session that goes on has its places in all limits; everybody else needs one in each.</summary>
    private async ValueTask<Refusal?> EnterAsync(HttpContext http, Admission admission, SessionRequest? session, ConnectionSetup setup)
    {
        if (session is not null && !_server.IsDraining
            && await session.TryResumeAsync(setup.AuthenticationExpiresAt, setup.Options.CloseTimeout))
        {
            return null;
        }

        return (session is { MayResume: true } ? _checks.EnterApplication(http, admission) : null) ?? _checks.CheckAgain(http, admission);
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

    /// <returns>Null when the server did not upgrade the request; it is answered then.</returns>
    private async Task<WebSocket?> AcceptAsync(HttpContext http, WebSocketUpgrade? upgrade, ConnectionSetup setup, SessionRequest? session)
    {
        if (upgrade is not null)
        {
            upgrade.DirectWrites = _endpoint.Options.DirectWrites;
            upgrade.Compression = setup.Options.Compression is { } compression && _endpoint.Options.AllowCompression(http)
                ? compression : null;
            upgrade.CloseTimeout = setup.Options.CloseTimeout;
            upgrade.TimeProvider = _server.Time;
        }

        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        // Where frames cannot be seen, the platform's keep-alive stands in for ours. Never both.
        var platformPings = upgrade is null || _endpoint.PlatformKeepAlive;
        try
        {
            var webSocket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = session is null ? setup.SubProtocol : session.Answer(setup.SubProtocol),
                KeepAliveInterval = platformPings ? setup.Options.PingInterval : TimeSpan.Zero,
                KeepAliveTimeout = setup.Options.PongTimeout,
            });
            if (session is not null)
                await session.TellAsync(webSocket, setup.Options.WriteTimeout, _server.Time);
            return webSocket;
        }
        catch (InvalidOperationException exception) when (upgrade is { IsRefused: true } && !http.Response.HasStarted)
        {
            // What the framework has put into the answer for an upgrade.
            http.Response.Clear();
            await RefuseAsync(http, _checks.NotUpgraded(http, exception));
            return null;
        }
        catch
        {
            Metrics?.Refused(http, RefusalReason.HandshakeFailed);
            throw;
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
        Admission admission)
    {
        var (client, http, logger) = (connected.Client, context.HttpContext, _server.Logger);
        var callbacks = handler is null ? _callbacks : ConnectionCallbacks.Of(handler, _endpoint, _services);
        if (!connected.IsPlain)
            callbacks = callbacks.For(client);
        var calls = new ConnectionCalls(client, connected.CallbackTimeout, _server.Time, logger);
        if (http.Features.Get<IClientFeature>() is { } feature)
            feature.Client = client;
        admission.Occupy(new Replacement(client, connected.Created, _server.Time, logger));
        Watch(connected, callbacks, context, calls);
        return new ConnectionRunner(
            connected,
            calls,
            new ConnectionPumps(connected, calls, logger),
            new ConnectionRegistration(connected, http, _endpoint.Broadcaster.Manager, _endpoint.Manager, callbacks, _server.Pending,
                _server.Options.UserId, calls, logger),
            callbacks)
        {
            Authentication = connected.Created is null ? context.Authentication : null,
            HurriedBy = InMemoryPeer.IsOf(http) ? _server.Pending.Closing : CancellationToken.None,
            Drain = _server.Options.Drain,
        };
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

    private async Task<ConnectionSetup> SetUpAsync(HttpContext http, string? subProtocol)
    {
        try
        {
            return await _setUp.RunAsync(http, subProtocol);
        }
        catch
        {
            Metrics?.Refused(http, RefusalReason.SetupFailed);
            throw;
        }
    }

    private Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        Metrics?.Refused(http, refusal.Why);
        return refusal.WriteAsync(http);
    }
}
