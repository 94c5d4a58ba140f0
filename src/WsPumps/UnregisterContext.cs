using Microsoft.AspNetCore.Http;

namespace WsPumps;

/// <summary>
/// A connection that has ended: what <see cref="WebSocketPumpsEndpointBuilder.Unregister(Func{UnregisterContext, ValueTask})"/> is called
/// with.
/// </summary>
public sealed class UnregisterContext(IClient client, HttpContext httpContext, DisconnectRecord record,
    CancellationToken cancellationToken = default)
{
    /// <summary>The client that the factory made.</summary>
    public IClient Client { get; } = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>The handshake request.</summary>
    public HttpContext HttpContext { get; } = httpContext ?? throw new ArgumentNullException(nameof(httpContext));

    /// <summary>How the connection ended, and what was sent and received over it.</summary>
    public DisconnectRecord Record { get; } = record ?? throw new ArgumentNullException(nameof(record));

    /// <summary>
    /// Fires when <see cref="WebSocketPumpsEndpointOptions.CallbackTimeout"/> is over. The endpoint then stops waiting for the callback.
    /// </summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
