using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>From a request to a running connection: check, set up, accept, create, run. Every endpoint, however it is mapped, comes through here.</summary>
internal sealed partial class ConnectionEndpoint
{
    private const string SetUpFailed = "The server failed to set up the connection.";

    private readonly PumpsServer _server;
    private readonly WebSocketPumpsEndpoint _endpoint;
    private readonly RequestChecks _checks;
    private readonly ConnectionCallbacks _callbacks;

    public ConnectionEndpoint(PumpsServer server, Action<WebSocketPumpsEndpoint> configure)
        : this(server, new WebSocketPumpsEndpoint(server.Options.Clone(), server.Manager), configure) => OptionScopes.CheckEndpoint(server.Options, _endpoint.Options);

    private ConnectionEndpoint(PumpsServer server, WebSocketPumpsEndpoint endpoint, Action<WebSocketPumpsEndpoint> configure)
    {
        (_server, _endpoint) = (server, endpoint);
        configure(_endpoint);
        OptionsValidator.ThrowIfInvalid(_endpoint.Options);
        _checks = new RequestChecks(server, _endpoint);
        _callbacks = ConnectionCallbacks.Of(_endpoint, server.Logger);
        server.Managers.Add(_endpoint.Manager);
    }

    /// <summary>Null where the connections of the endpoint are counted nowhere.</summary>
    private ServerMetrics? Metrics => _endpoint.IsInternal ? null : _server.Metrics;

    /// <summary>An endpoint of the library itself. It begins with the defaults, whatever the options of the application are.</summary>
    public static ConnectionEndpoint Internal(PumpsServer server, Action<WebSocketPumpsEndpoint> configure) =>
        new(server, new WebSocketPumpsEndpoint(new WebSocketPumpsOptions(), server.Manager) { IsInternal = true }, configure);

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
            _server.Managers.Remove(_endpoint.Manager);
        }
    }

    public async Task HandleAsync(HttpContext http)
    {
        var upgrade = WebSocketUpgrade.TryInstall(http);
        using var admission = new Admission();
        var context = await AdmitAsync(http, upgrade, admission);
        if (context is null)
            return;

        var webSocket = context.WebSocket;
        var opened = Metrics?.Opened(http);
        ConnectionRunner? runner = null;
        try
        {
            runner = await CreateAsync(context, admission);
            // The connection is long, and this is not needed any more.
            context = null;
            if (runner is not null)
                await runner.RunAsync(http.RequestAborted);
        }
        finally
        {
            await EndAsync(webSocket);
            upgrade?.Disarm();
            if (opened is { } counted)
                _server.Metrics.Ended(counted, runner?.Client);
        }
    }

    /// <returns>The open connection; null when the request was answered instead.</returns>
    private async Task<ClientFactoryContext?> AdmitAsync(HttpContext http, WebSocketUpgrade? upgrade, Admission admission)
    {
        if (_checks.Check(http, admission, out var subProtocol) is { } refusal)
        {
            await RefuseAsync(http, refusal);
            return null;
        }

        var setup = await SetUpAsync(http, subProtocol);
        if ((setup.Refusal ?? _checks.CheckAgain(http, admission)) is { } refusalAfterSetup)
        {
            await RefuseAsync(http, refusalAfterSetup);
            return null;
        }

        return await AcceptAsync(http, upgrade, setup) is { } webSocket ? new ClientFactoryContext(setup, webSocket, _endpoint, _server) : null;
    }

    /// <returns>Null when the server did not upgrade the request; it is answered then.</returns>
    private async Task<WebSocket?> AcceptAsync(HttpContext http, WebSocketUpgrade? upgrade, ConnectionSetup setup)
    {
        if (upgrade is not null)
        {
            upgrade.DirectWrites = setup.Options.DirectWrites;
            upgrade.Options = new StreamWebSocketOptions { CloseTimeout = setup.Options.CloseTimeout, TimeProvider = _server.Time };
        }

        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        // Where frames cannot be seen, the platform's keep-alive stands in for ours. Never both.
        var platformPings = upgrade is null || _endpoint.PlatformKeepAlive;
        try
        {
            return await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = setup.SubProtocol,
                KeepAliveInterval = platformPings ? setup.Options.PingInterval : TimeSpan.Zero,
                KeepAliveTimeout = setup.Options.PongTimeout,
            });
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

    /// <returns>Null when the user's code failed to make the client or the handler object. The connection has ended then.</returns>
    private async Task<ConnectionRunner?> CreateAsync(ClientFactoryContext context, Admission admission)
    {
        try
        {
            var (client, callbacks) = _endpoint.Factory is null && _endpoint.HandlerFactory is null ? Create(context) : await CreateByUserAsync(context);
            return RunnerOf(client, callbacks, context, admission);
        }
        catch (Exception exception)
        {
            Log.FactoryFailed(_server.Logger, context.HttpContext.Request.Path, exception);
        }

        await (context.Created is { } left ? EndAsync(left, context.HttpContext.RequestAborted) : CloseAsync(context.WebSocket, context.Options.CloseTimeout));
        return null;
    }

    private Task<(IClient Client, ConnectionCallbacks Callbacks)> CreateByUserAsync(ClientFactoryContext context)
    {
        var path = context.HttpContext.Request.Path;
        return UserCall.RunAsync(() => ValueTask.FromResult(Create(context)), context.Options.CallbackTimeout, _server.Time, exception => Log.FactoryFailed(_server.Logger, path, exception));
    }

    private (IClient Client, ConnectionCallbacks Callbacks) Create(ClientFactoryContext context)
    {
        var callbacks = _endpoint.HandlerFactory is { } create ? ConnectionCallbacks.Of(create(context.HttpContext)) : _callbacks;
        var client = _endpoint.Factory is { } make
            ? make(context) ?? throw new InvalidOperationException("The factory returned null. It must return a client: context.CreateClient(), as it is or wrapped, or one of its own.")
            : context.CreateClient();
        return (client, callbacks);
    }

    private ConnectionRunner RunnerOf(IClient client, ConnectionCallbacks callbacks, ClientFactoryContext context, Admission admission)
    {
        var inner = context.Created;
        if (inner is not null && callbacks.AuthenticationExpiring is { } expiring)
        {
            inner.Events.AuthenticationExpiring += _ =>
            {
                expiring(client);
                return default;
            };
        }

        admission.Occupy(new Replacement(client, inner, _server.Logger));
        if (inner is null)
            context.Authentication.Watch(client);

        return new ConnectionRunner(client, _endpoint.Manager, callbacks, context.Options, _server.Arrivals, _server.Time, _server.Logger)
        {
            Authentication = inner is null ? context.Authentication : null,
        };
    }

    /// <summary>A client that uses the socket by itself may leave with a close frame that the peer has not read.</summary>
    private static ValueTask EndAsync(WebSocket webSocket)
    {
        if (webSocket is StreamWebSocket ours)
            return ours.DisposeAsync();

        webSocket.Dispose();
        return default;
    }

    /// <summary>A client that was made for a factory that then failed. Its pumps carry the close frame, and give back what it holds.</summary>
    private static async Task EndAsync(Client client, CancellationToken requestAborted)
    {
        var writing = client.WritePumpAsync(static _ => { }, TimeSpan.Zero, requestAborted);
        var closing = client.CloseAsync(WebSocketCloseStatus.InternalServerError, SetUpFailed, CloseMode.Now, CancellationToken.None);
        await Task.WhenAll(writing, closing, client.ReadPumpAsync(static _ => { }, [], requestAborted));
    }

    private async Task CloseAsync(WebSocket webSocket, TimeSpan limit)
    {
        try
        {
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, SetUpFailed, CancellationToken.None)
                .WaitAsync(limit, _server.Time);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or TimeoutException or InvalidOperationException)
        {
            Log.CloseFailed(_server.Logger, exception);
        }
    }

    private async ValueTask<ConnectionSetup> SetUpAsync(HttpContext http, string? subProtocol)
    {
        if (_endpoint.Setup is null)
            return new ConnectionSetup(http, _endpoint.Options, subProtocol);

        var setup = new ConnectionSetup(http, _endpoint.Options.Clone(), subProtocol);
        try
        {
            await UserCall.RunAsync(() => _endpoint.Setup(setup), setup.Options.CallbackTimeout, _server.Time, exception => Log.SetupFailedLate(_server.Logger, exception));
            OptionScopes.CheckConnection(_endpoint.Options, setup.Options);
            OptionsValidator.ThrowIfInvalid(setup.Options);
        }
        catch
        {
            Metrics?.Refused(http, RefusalReason.SetupFailed);
            throw;
        }

        return setup;
    }

    private Task RefuseAsync(HttpContext http, Refusal refusal)
    {
        Metrics?.Refused(http, refusal.Why);
        return refusal.WriteAsync(http);
    }

    private static partial class Log
    {
        [LoggerMessage(121, LogLevel.Error, "A connection to {Path} was accepted, but the factory or the handler class failed. It is closed with 1011.", EventName = "FactoryFailed")]
        public static partial void FactoryFailed(ILogger logger, string path, Exception exception);

        [LoggerMessage(113, LogLevel.Error, "A setup callback failed after its time was over and its request had been answered.", EventName = "SetupFailedLate")]
        public static partial void SetupFailedLate(ILogger logger, Exception exception);

        [LoggerMessage(122, LogLevel.Debug, "The close frame of a connection without a client could not be written.", EventName = "FactoryCloseFailed")]
        public static partial void CloseFailed(ILogger logger, Exception exception);
    }
}
