using Microsoft.AspNetCore.Http;

namespace WsPumps;

/// <summary>
/// A connection whose user's authentication expires soon: what
/// <see cref="WebSocketPumpsEndpointBuilder.AuthenticationExpiring(Func{AuthenticationExpiringContext, ValueTask})"/> is called with.
/// </summary>
public sealed class AuthenticationExpiringContext(IClient client, HttpContext httpContext, DateTimeOffset expiresAt,
    CancellationToken cancellationToken = default)
{
    /// <summary>The client that the factory made.</summary>
    public IClient Client { get; } = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>The handshake request. Valid as long as the connection.</summary>
    public HttpContext HttpContext { get; } = httpContext ?? throw new ArgumentNullException(nameof(httpContext));

    /// <summary>When the connection is closed with 1008, unless <see cref="IClient.RefreshAuthentication"/> is called first.</summary>
    public DateTimeOffset ExpiresAt { get; } = expiresAt;

    /// <summary>
    /// Fires when <see cref="WebSocketPumpsEndpointOptions.CallbackTimeout"/> is over. The endpoint then stops waiting for the callback.
    /// </summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
