using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>From a request to a running connection: check, set up, accept, create, run. Every endpoint, however it is mapped, comes through here.</summary>
internal sealed partial class ConnectionEndpoint
{
    private readonly PumpsServer _server;
    private readonly WebSocketPumpsEndpoint _endpoint;
    private readonly OriginPolicy _origins;
    private readonly ConnectionCallbacks _callbacks;

    public ConnectionEndpoint(PumpsServer server, Action<WebSocketPumpsEndpoint> configure)
    {
        _server = server;
        _endpoint = new WebSocketPumpsEndpoint(server.Options.Clone(), server.Manager);
        configure(_endpoint);
        OptionsValidator.ThrowIfInvalid(_endpoint.Options);
        _origins = new OriginPolicy(_endpoint.Options.AllowedOrigins);
        _callbacks = ConnectionCallbacks.Of(_endpoint);
        server.Managers.Add(_endpoint.Manager);
    }

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
        var upgrade = await _server.EnableWebSocketsAsync(http);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http, RefusalReason.NotWebSocket, StatusCodes.Status400BadRequest, "This address speaks WebSocket (RFC 6455): connect with a WebSocket client, ws:// or wss://.");
            return;
        }

        if (!_origins.Allows(http.Request))
        {
            Log.OriginRefused(_server.Logger, http.Request.Headers.Origin.ToString(), http.Request.Host.ToString());
            await RefuseAsync(http, RefusalReason.Origin, StatusCodes.Status403Forbidden, "Pages of this origin may not connect.");
            return;
        }

        if (_server.IsDraining)
        {
            await RefuseAsync(http, RefusalReason.Stopping, StatusCodes.Status503ServiceUnavailable, "The server is shutting down.");
            return;
        }

        var subProtocol = SubProtocolNegotiation.Choose(_endpoint.Options.SubProtocols, http.WebSockets.WebSocketRequestedProtocols);
        var setup = await SetUpAsync(http, subProtocol);
        if (setup.Refusal is var (statusCode, message))
        {
            await RefuseAsync(http, RefusalReason.Setup, statusCode, message);
            return;
        }

        // Setup may have taken its time.
        if (_server.IsDraining)
        {
            await RefuseAsync(http, RefusalReason.Stopping, StatusCodes.Status503ServiceUnavailable, "The server is shutting down.");
            return;
        }

        if (upgrade is not null)
            upgrade.DirectWrites = setup.Options.DirectWrites;
        // Where frames cannot be seen, the platform's keep-alive stands in for ours. Never both.
        var platformPings = upgrade is null || _endpoint.PlatformKeepAlive;
        using var webSocket = await AcceptAsync(http, new WebSocketAcceptContext
        {
            SubProtocol = subProtocol,
            KeepAliveInterval = platformPings ? setup.Options.PingInterval : TimeSpan.Zero,
            KeepAliveTimeout = setup.Options.PongTimeout,
        });
        var opened = _server.Metrics.Opened(http);
        ConnectionRunner? runner = null;
        try
        {
            runner = await CreateAsync(new ClientFactoryContext(http, webSocket, upgrade?.Gate, _endpoint.PlatformKeepAlive, setup.Options, _server));
            await (runner?.RunAsync(http.RequestAborted) ?? CloseAsync(webSocket, setup.Options.CloseTimeout));
        }
        finally
        {
            upgrade?.Disarm();
            _server.Metrics.Ended(opened, runner?.Ended, wasCreated: runner is not null);
        }
    }

    private async Task<WebSocket> AcceptAsync(HttpContext http, WebSocketAcceptContext context)
    {
        try
        {
            return await http.WebSockets.AcceptWebSocketAsync(context);
        }
        catch
        {
            _server.Metrics.Refused(http, RefusalReason.HandshakeFailed);
            throw;
        }
    }

    /// <returns>Null when the user's code failed to make the client or the handler object.</returns>
    private async Task<ConnectionRunner?> CreateAsync(ClientFactoryContext context)
    {
        var path = context.HttpContext.Request.Path;
        try
        {
            return _endpoint.Factory is null && _endpoint.HandlerFactory is null
                ? Create(context)
                : await UserCall.RunAsync(() => ValueTask.FromResult(Create(context)), context.Options.CallbackTimeout, _server.Time, exception => Log.FactoryFailed(_server.Logger, path, exception));
        }
        catch (Exception exception)
        {
            Log.FactoryFailed(_server.Logger, path, exception);
            return null;
        }
    }

    private ConnectionRunner Create(ClientFactoryContext context)
    {
        var callbacks = _endpoint.HandlerFactory is { } create ? ConnectionCallbacks.Of(create(context.HttpContext)) : _callbacks;
        var client = _endpoint.Factory?.Invoke(context) ?? context.CreateClient();
        return new ConnectionRunner(client, _endpoint.Manager, callbacks, context.Options, _server.Arrivals, _server.Time, _server.Logger);
    }

    private async Task CloseAsync(WebSocket webSocket, TimeSpan limit)
    {
        try
        {
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, "The server failed to set up the connection.", CancellationToken.None)
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
            OptionsValidator.ThrowIfInvalid(setup.Options);
        }
        catch
        {
            _server.Metrics.Refused(http, RefusalReason.SetupFailed);
            throw;
        }

        return setup;
    }

    private Task RefuseAsync(HttpContext http, RefusalReason why, int statusCode, string message)
    {
        _server.Metrics.Refused(http, why);
        http.Response.StatusCode = statusCode;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers[HeaderNames.CacheControl] = "no-store";
        return http.Response.WriteAsync(message);
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning, "A page of {Origin} was refused: it is not of the same origin as {Host}. To allow it, add it to WebSocketPumpsOptions.AllowedOrigins.", EventName = "OriginRefused")]
        public static partial void OriginRefused(ILogger logger, string origin, string host);

        [LoggerMessage(121, LogLevel.Error, "A connection to {Path} was accepted, but the factory or the handler class failed. It is closed with 1011.", EventName = "FactoryFailed")]
        public static partial void FactoryFailed(ILogger logger, string path, Exception exception);

        [LoggerMessage(113, LogLevel.Error, "A setup callback failed after its time was over and its request had been answered.", EventName = "SetupFailedLate")]
        public static partial void SetupFailedLate(ILogger logger, Exception exception);

        [LoggerMessage(122, LogLevel.Debug, "The close frame of a connection without a client could not be written.", EventName = "FactoryCloseFailed")]
        public static partial void CloseFailed(ILogger logger, Exception exception);
    }
}
