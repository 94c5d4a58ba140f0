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
    /// Where the session was before, if it has come from another server because its client has: then the user has not come anew. The
    /// client is in its groups already, and what it has missed leaves before what the callback writes. Null for a session that begins.
    /// </summary>
    public MovedSession? MovedFrom { get; init; }

    /// <summary>
    /// Fires when the connection ends, also after the callback has returned, so that work which it started can end with the connection;
    /// and when the server drains while the callback runs.
    /// </summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
