using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using WsPumps.Clustering;
using WsPumps.Endpoints;

namespace WsPumps;

/// <summary>An accepted connection for which a client is to be made.</summary>
public sealed class ClientFactoryContext
{
    private readonly Func<ClientFactoryContext, Client>? _create;

    /// <summary>Creates a context for a test of your own factory.</summary>
    /// <param name="httpContext">The handshake request.</param>
    /// <param name="webSocket">The socket.</param>
    /// <param name="options">The options of the connection; the defaults when null.</param>
    /// <param name="cancellationToken">Passed to the factory.</param>
    public ClientFactoryContext(HttpContext httpContext, WebSocket webSocket, ClientOptions? options = null,
        CancellationToken cancellationToken = default)
        : this(httpContext, webSocket, options ?? new ClientOptions(), null) => CancellationToken = cancellationToken;

    internal ClientFactoryContext(HttpContext httpContext, WebSocket webSocket, ClientOptions options,
        Func<ClientFactoryContext, Client>? create)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        ArgumentNullException.ThrowIfNull(webSocket);
        (HttpContext, WebSocket, Options, _create) = (httpContext, webSocket, options, create);
    }

    /// <summary>The handshake request.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>
    /// The open socket, for a client that uses it directly instead of <see cref="CreateClient"/>. It then sends its own pings or none: see
    /// <see cref="WebSocketPumpsEndpointBuilder.PlatformKeepAlive"/>. The endpoint disposes it when the client's pumps have ended.
    /// </summary>
    public WebSocket WebSocket { get; }

    /// <summary>The options of this connection. They must not be changed.</summary>
    public ClientOptions Options { get; }

    /// <summary>
    /// When the connection is closed because the user's authentication expires; see <see cref="ConnectionSetup.AuthenticationExpiresAt"/>.
    /// </summary>
    public DateTimeOffset? AuthenticationExpiresAt { get; init; }

    /// <summary>Fires when the peer is gone, and when <see cref="WebSocketPumpsEndpointOptions.CallbackTimeout"/> is over.</summary>
    public CancellationToken CancellationToken { get; internal set; }

    /// <summary>Where the connection came from.</summary>
    internal ConnectionSource Source => field ??= new ConnectionSource(HttpContext);

    /// <summary>How the client outlives its connection; null where it does not.</summary>
    internal ResumeOptions? Resume { get; init; }

    /// <summary>The session that the client goes on with, from another server; null for a new one.</summary>
    internal SessionOffer? Moving { get; init; }

    /// <summary>What <see cref="CreateClient"/> made.</summary>
    internal Client? Created { get; private set; }

    /// <summary>What the factory made, around <see cref="Created"/> or the same.</summary>
    internal IClient? Made { get; set; }

    /// <summary>The object of the endpoint's handler class; null where it has none.</summary>
    internal WebSocketPumpsHandler? Handler { get; set; }

    /// <summary>What ends a client written from scratch when its user's authentication expires; null in a test.</summary>
    internal ForeignAuthentication? Authentication { get; init; }

    /// <summary>Makes the default client, to be used as it is or wrapped in one of your own. Call it at most once.</summary>
    /// <exception cref="InvalidOperationException">
    /// It was called before; or <see cref="WebSocketPumpsEndpointBuilder.PlatformKeepAlive"/> is set, which is for clients that use the
    /// socket directly.
    /// </exception>
    public Client CreateClient()
    {
        if (Created is not null)
            throw new InvalidOperationException("The connection has a client already. Make one client for each connection.");

        return Created = _create?.Invoke(this) ?? new Client(WebSocket,
            new ClientSettings { Options = Options, AuthenticationExpiresAt = AuthenticationExpiresAt });
    }

    /// <summary>
    /// For a client written from scratch, which does not use <see cref="CreateClient"/>: the connection is closed at this time instead.
    /// Call it in <see cref="IClient.RefreshAuthentication"/>, from any thread.
    /// </summary>
    /// <param name="expiresAt">When the new authentication expires. Null: never.</param>
    public void RefreshAuthentication(DateTimeOffset? expiresAt) => Authentication?.Refresh(expiresAt);
}
