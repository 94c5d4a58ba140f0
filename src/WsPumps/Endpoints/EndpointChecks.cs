using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace WsPumps.Endpoints;

/// <summary>Finds at the start what would otherwise fail at the first request.</summary>
internal sealed class EndpointChecks(EndpointDataSource? routes = null) : IHostedLifecycleService
{
    /// <summary>
    /// By now every route is mapped, however the application maps them. To look at them builds them, so conventions that throw do so here.
    /// </summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (routes is not null)
            ThrowIfRouteIsTaken(routes);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <exception cref="InvalidOperationException">
    /// The route takes GET and not CONNECT, with which browsers ask over HTTP/2 (RFC 8441).
    /// </exception>
    public static void ThrowIfOnlyForGet(HttpContext http)
    {
        if (http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods
            is not { Count: > 0 } methods)
        {
            return;
        }

        if (methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Connect))
        {
            throw new InvalidOperationException($"The route of {endpoint.DisplayName} takes GET only. Over HTTP/2, which browsers use " +
                "behind HTTPS, a WebSocket is asked for with CONNECT and would be answered with 405. In a controller, use " +
                """[Route("…")] instead of [HttpGet("…")]; elsewhere Map instead of MapGet.""");
        }
    }

    /// <exception cref="InvalidOperationException">Two WebSocket endpoints have the same route.</exception>
    private static void ThrowIfRouteIsTaken(EndpointDataSource routes)
    {
        var taken = new HashSet<(string Route, int Order)>();
        foreach (var endpoint in routes.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<MappedEndpoint>() is not null))
        {
            var route = endpoint.RoutePattern.RawText?.Trim('/') ?? "";
            if (endpoint.Metadata.GetMetadata<IHostMetadata>() is null && !taken.Add((route.ToUpperInvariant(), endpoint.Order)))
            {
                throw new InvalidOperationException($"Two WebSocket endpoints are mapped to '/{route}': every request there would fail. " +
                    "Map each to a route of its own.");
            }
        }
    }
}
