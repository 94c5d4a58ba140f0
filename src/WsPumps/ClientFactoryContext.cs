using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using WsPumps.Hosting;

namespace WsPumps;

/// <summary>An accepted connection for which a client is to be made.</summary>
public sealed class ClientFactoryContext
{
    private readonly PumpsServer _server;
    private readonly FrameGate? _gate;
    private readonly bool _platformKeepAlive;

    internal ClientFactoryContext(HttpContext httpContext, WebSocket webSocket, FrameGate? gate, bool platformKeepAlive, WebSocketPumpsOptions options, PumpsServer server)
    {
        _platformKeepAlive = platformKeepAlive;
        _gate = gate;
        HttpContext = httpContext;
        WebSocket = webSocket;
        Options = options;
        _server = server;
    }

    /// <summary>The handshake request.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>
    /// The open socket, for a client that uses it by itself instead of <see cref="CreateClient"/>. It then sends its own pings or
    /// none: see <see cref="WebSocketPumpsEndpoint.PlatformKeepAlive"/>. The endpoint disposes it when the client's pumps have ended.
    /// </summary>
    public WebSocket WebSocket { get; }

    /// <summary>The options of this connection. Not to be changed any more.</summary>
    public WebSocketPumpsOptions Options { get; }

    /// <summary>Makes the default client, to be used as it is or wrapped in one of your own. Call it at most once.</summary>
    /// <exception cref="InvalidOperationException"><see cref="WebSocketPumpsEndpoint.PlatformKeepAlive"/> is set, which is for clients that use the socket by themselves.</exception>
    public Client CreateClient()
    {
        if (_platformKeepAlive)
            throw new InvalidOperationException($"The endpoint has {nameof(WebSocketPumpsEndpoint.PlatformKeepAlive)} set, for clients that use the socket by themselves. {nameof(Client)} sends its own pings: leave it unset.");

        return new Client(WebSocket, Options, _server.Logger, _server.Time, _gate, _server.Budget, _server.ClientMetrics)
        {
            User = HttpContext.User is { Identity.IsAuthenticated: true } user ? user : null,
        };
    }
}
