using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using WsPumps.Hosting;
using WsPumps.Registry;

namespace WsPumps.Endpoints;

/// <summary>Where a connection came from, as it is logged: text that came from the peer is cut and escaped.</summary>
internal sealed class ConnectionSource(HttpContext http)
{
    public string Route { get; } = http.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route
        ?? LogText.Of(http.Request.Path);

    /// <summary>By the claims of the handshake: the application's own rule is asked where the client is registered, and once.</summary>
    public string? User { get; } = RequestUser.Of(http) is { } user && UserIdentity.DefaultId(user) is { } id ? LogText.Of(id) : null;

    public string Address { get; } = http.Connection.RemoteIpAddress?.ToString() ?? "memory";

    public override string ToString() => $"route {Route}, user {User ?? "nobody"}, from {Address}";
}
