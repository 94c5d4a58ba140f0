namespace WsPumps;

/// <summary>The authentication of a connection expires soon; see <see cref="ClientEvents.AuthenticationExpiring"/>.</summary>
public readonly record struct AuthenticationExpiringEvent
{
    /// <summary>When the connection is closed with 1008, unless <see cref="IClient.RefreshAuthentication"/> is called first.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
}
