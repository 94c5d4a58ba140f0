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

    public async Task HandleAsync(HttpContext http)
    {
        await _server.EnableWebSocketsAsync(http);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "This address speaks WebSocket (RFC 6455): connect with a WebSocket client, ws:// or wss://.");
            return;
        }

        if (!_origins.Allows(http.Request))
        {
            Log.OriginRefused(_server.Logger, http.Request.Headers.Origin.ToString(), http.Request.Host.ToString());
            await RefuseAsync(http, StatusCodes.Status403Forbidden, "Pages of this origin may not connect.");
            return;
        }

        if (_server.Managers.IsStopping)
        {
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "The server is shutting down.");
            return;
        }

        var subProtocol = SubProtocolNegotiation.Choose(_endpoint.Options.SubProtocols, http.WebSockets.WebSocketRequestedProtocols);
        var setup = await SetUpAsync(http, subProtocol);
        if (setup.Refusal is var (statusCode, message))
        {
            await RefuseAsync(http, statusCode, message);
            return;
        }

        using var webSocket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = subProtocol,
            KeepAliveInterval = setup.Options.PingInterval,
            KeepAliveTimeout = setup.Options.PongTimeout,
        });
        if (TryCreate(new ClientFactoryContext(http, webSocket, setup.Options, _server.Logger, _server.Time)) is var (client, callbacks))
            await new ConnectionRunner(client, _endpoint.Manager, callbacks, setup.Options, _server.Time, _server.Logger).RunAsync(http.RequestAborted);
        else
            await webSocket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, "The server failed to set up the connection.", http.RequestAborted);
    }

    /// <summary>The user's objects for one connection; null when making them failed, which is logged.</summary>
    private (IClient Client, ConnectionCallbacks Callbacks)? TryCreate(ClientFactoryContext context)
    {
        try
        {
            var client = _endpoint.Factory?.Invoke(context) ?? context.CreateClient();
            return (client, _endpoint.HandlerFactory is { } create ? ConnectionCallbacks.Of(create(context.HttpContext)) : _callbacks);
        }
        catch (Exception exception)
        {
            Log.CreateFailed(_server.Logger, context.HttpContext.Request.Path, exception);
            return null;
        }
    }

    private async ValueTask<ConnectionSetup> SetUpAsync(HttpContext http, string? subProtocol)
    {
        if (_endpoint.Setup is null)
            return new ConnectionSetup(http, _endpoint.Options, subProtocol);

        var setup = new ConnectionSetup(http, _endpoint.Options.Clone(), subProtocol);
        await _endpoint.Setup(setup).AsTask().WaitAsync(setup.Options.CallbackTimeout, _server.Time);
        OptionsValidator.ThrowIfInvalid(setup.Options);
        return setup;
    }

    private static Task RefuseAsync(HttpContext http, int statusCode, string message)
    {
        http.Response.StatusCode = statusCode;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers[HeaderNames.CacheControl] = "no-store";
        return http.Response.WriteAsync(message);
    }

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning, "A page of {Origin} was refused: it is not of the same origin as {Host}. To allow it, add it to WebSocketPumpsOptions.AllowedOrigins.", EventName = "OriginRefused")]
        public static partial void OriginRefused(ILogger logger, string origin, string host);

        [LoggerMessage(121, LogLevel.Error, "A connection to {Path} was closed with 1011: its client or its handler object could not be made.", EventName = "CreateFailed")]
        public static partial void CreateFailed(ILogger logger, string path, Exception exception);
    }
}
