using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using WsPumps.Endpoints;
using WsPumps.Hosting;

namespace WsPumps;

/// <summary>An accepted connection for which a client is to be made.</summary>
public sealed class ClientFactoryContext
{
    private readonly PumpsServer _server;
    private readonly WebSocketPumpsEndpoint _endpoint;

    internal ClientFactoryContext(ConnectionSetup setup, WebSocket webSocket, WebSocketPumpsEndpoint endpoint, PumpsServer server)
    {
        HttpContext = setup.HttpContext;
        Options = setup.Options;
        AuthenticationExpiresAt = setup.AuthenticationExpiresAt;
        WebSocket = webSocket;
        _endpoint = endpoint;
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

    /// <summary>When the connection is closed because the user's authentication expires; see <see cref="ConnectionSetup.AuthenticationExpiresAt"/>.</summary>
    public DateTimeOffset? AuthenticationExpiresAt { get; }

    /// <summary>
    /// For a client written from scratch, which does not use <see cref="CreateClient"/>: the connection is closed at this time instead. Call it in
    /// <see cref="IClient.RefreshAuthentication"/>, from any thread.
    /// </summary>
    /// <param name="expiresAt">When the new authentication expires. Null: never.</param>
    public void RefreshAuthentication(DateTimeOffset? expiresAt) => Authentication.Refresh(expiresAt);

    /// <summary>What ends a client written from scratch when its user's authentication expires.</summary>
    internal ForeignAuthentication Authentication => field ??= new ForeignAuthentication(AuthenticationExpiresAt, _server.Time, _server.Logger);

    /// <summary>What <see cref="CreateClient"/> made.</summary>
    internal Client? Created { get; private set; }

    /// <summary>Makes the default client, to be used as it is or wrapped in one of your own. Call it at most once.</summary>
    /// <exception cref="InvalidOperationException">
    /// It was called before; or <see cref="WebSocketPumpsEndpoint.PlatformKeepAlive"/> is set, which is for clients that use the socket by themselves.
    /// </exception>
    public Client CreateClient()
    {
        if (_endpoint.PlatformKeepAlive)
            throw new InvalidOperationException($"The endpoint has {nameof(WebSocketPumpsEndpoint.PlatformKeepAlive)} set, for clients that use the socket by themselves. {nameof(Client)} sends its own pings: leave it unset.");
        if (Created is not null)
            throw new InvalidOperationException("The connection has a client already. Make one client for each connection.");

        return Created = new Client(WebSocket, new ClientSettings
        {
            Options = Options,
            Logger = _server.Logger,
            TimeProvider = _server.Time,
            Budget = _endpoint.IsInternal ? null : _server.Budget,
            Metrics = _endpoint.IsInternal ? null : _server.ClientMetrics,
            // Not HttpContext.User, which makes somebody unknown where there is nobody.
            User = HttpContext.Features.Get<IHttpAuthenticationFeature>()?.User is { Identity.IsAuthenticated: true } user ? user : null,
            UserId = _server.UserIdOf,
            AuthenticationExpiresAt = AuthenticationExpiresAt,
            AdmitMessage = SharedRate.For(_endpoint, HttpContext, _server.Logger),
        });
    }
}
