using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
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

    /// <exception cref="InvalidOperationException">
    /// Two WebSocket endpoints have the same route, or another endpoint takes the GET requests of one.
    /// </exception>
    private static void ThrowIfRouteIsTaken(EndpointDataSource routes)
    {
        var taken = new Dictionary<(string Route, int Order), string>();
        var all = routes.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<IHostMetadata>() is null)
            .ToLookup(endpoint => endpoint.Metadata.GetMetadata<MappedEndpoint>() is not null);
        foreach (var endpoint in all[true])
        {
            var route = NameOf(endpoint);
            if (!taken.TryAdd((ShapeOf(endpoint.RoutePattern), endpoint.Order), route))
            {
                throw new InvalidOperationException($"Two WebSocket endpoints are mapped to '{route}': every request there would fail. " +
                    "Map each to a route of its own.");
            }
        }

        foreach (var endpoint in all[false].Where(endpoint =>
            endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Get) is true))
        {
            if (taken.TryGetValue((ShapeOf(endpoint.RoutePattern), endpoint.Order), out var route))
            {
                throw new InvalidOperationException($"A WebSocket endpoint is mapped to '{route}', and {endpoint.DisplayName} takes the " +
                    "GET requests there: no WebSocket could be opened over HTTP/1.1. Map each to a route of its own.");
            }
        }
    }

    private static string NameOf(RouteEndpoint endpoint) => $"/{endpoint.RoutePattern.RawText?.Trim('/')}";

    /// <summary>Equal for routes that match the same requests: the names of parameters do not count.</summary>
    private static string ShapeOf(RoutePattern route) => string.Join('/', route.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternParameterPart parameter =>
                $"{{{parameter.ParameterKind}:{string.Join(':', parameter.ParameterPolicies.Select(policy => policy.Content))}}}",
            RoutePatternLiteralPart literal => literal.Content.ToUpperInvariant(),
            RoutePatternSeparatorPart separator => separator.Content,
            _ => "",
        }))));
}
