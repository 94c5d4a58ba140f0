using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace WsPumps.Endpoints;

/// <summary>Finds at the start what would otherwise fail at the first request.</summary>
internal static class EndpointChecks
{
    /// <param name="routes">All endpoints of the application. To look at them builds them, so conventions that throw do so here.</param>
    /// <exception cref="InvalidOperationException">Two WebSocket endpoints have the same route.</exception>
    public static void ThrowIfRouteIsTaken(EndpointDataSource routes)
    {
        var taken = new HashSet<(string Route, int Order)>();
        foreach (var endpoint in routes.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<MappedEndpoint>() is not null))
        {
            var route = endpoint.RoutePattern.RawText?.Trim('/') ?? "";
            if (endpoint.Metadata.GetMetadata<IHostMetadata>() is null && !taken.Add((route.ToUpperInvariant(), endpoint.Order)))
                throw new InvalidOperationException($"Two WebSocket endpoints are mapped to '/{route}': every request there would fail. Map each to a route of its own.");
        }
    }

    /// <exception cref="InvalidOperationException">The route takes GET and not CONNECT, with which browsers ask over HTTP/2 (RFC 8441).</exception>
    public static void ThrowIfOnlyForGet(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods && methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Connect))
        {
            throw new InvalidOperationException($"The route of {http.GetEndpoint()!.DisplayName} takes GET only. Over HTTP/2, which browsers use behind HTTPS, a WebSocket is asked for with CONNECT " +
                """and would be answered with 405. In a controller, use [Route("…")] instead of [HttpGet("…")]; elsewhere Map instead of MapGet.""");
        }
    }
}
