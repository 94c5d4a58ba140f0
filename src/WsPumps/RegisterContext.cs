using Microsoft.AspNetCore.Http;

namespace WsPumps;

/// <summary>
/// A connection that is about to be registered: what <see cref="WebSocketPumpsEndpointBuilder.Register(Func{RegisterContext, ValueTask})"/>
/// is called with.
/// </summary>
public sealed class RegisterContext(IClient client, HttpContext httpContext, CancellationToken cancellationToken = default)
{
    /// <summary>The client that the factory made.</summary>
    public IClient Client { get; } = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>The handshake request. Valid as long as the connection.</summary>
    public HttpContext HttpContext { get; } = httpContext ?? throw new ArgumentNullException(nameof(httpContext));

    /// <summary>
    /// Where the session was before, if it has moved here from another server together with its client: then the user is not new. The
    /// client is already in its groups, and what it has missed is sent before what the callback writes. Null for a session that begins.
    /// </summary>
    public MovedSession? MovedFrom { get; init; }

    /// <summary>
    /// Fires when the connection ends, even after the callback has returned, so that work it started can end with the connection. It also
    /// fires when the server drains while the callback runs.
    /// </summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
