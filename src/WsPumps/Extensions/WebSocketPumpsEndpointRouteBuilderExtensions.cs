using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Routing;
using WsPumps;
using WsPumps.Endpoints;
using WsPumps.Hosting;
using WsPumps.Messages;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps WebSocket endpoints.</summary>
public static class WebSocketPumpsEndpointRouteBuilderExtensions
{
    /// <summary>Maps an endpoint that passes each message to one handler.</summary>
    /// <inheritdoc cref="MapWebSocketPumps(IEndpointRouteBuilder, string, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="handler">Called for each message of each connection.</param>
    [OverloadResolutionPriority(1)]
    public static IEndpointConventionBuilder MapWebSocketPumps(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, MessageHandler handler) =>
        endpoints.MapWebSocketPumps(pattern, EndpointForms.For(handler));

    /// <summary>The same with a handler that ends with a write.</summary>
    /// <inheritdoc cref="MapWebSocketPumps(IEndpointRouteBuilder, string, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="handler">Called for each message.</param>
    public static IEndpointConventionBuilder MapWebSocketPumps(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern,
        Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        endpoints.MapWebSocketPumps(pattern, EndpointForms.For(Calls.Handler(handler)));

    /// <summary>The same with a handler that is done when it returns.</summary>
    /// <inheritdoc cref="MapWebSocketPumps(IEndpointRouteBuilder, string, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="handler">Called for each message.</param>
    public static IEndpointConventionBuilder MapWebSocketPumps(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern,
        Action<IClient, Message, CancellationToken> handler) =>
        endpoints.MapWebSocketPumps(pattern, EndpointForms.For(Calls.Handler(handler)));

    /// <summary>Maps an endpoint written as a class, of which each connection gets an object of its own.</summary>
    /// <inheritdoc cref="MapWebSocketPumps(IEndpointRouteBuilder, string, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <typeparam name="THandler">
    /// The class. Resolved from the services of the request if it is registered, otherwise created with arguments from them.
    /// </typeparam>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="configure">Sets everything else.</param>
    public static IEndpointConventionBuilder MapWebSocketPumps<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern,
        Action<WebSocketPumpsEndpointBuilder>? configure = null)
        where THandler : WebSocketPumpsHandler =>
        endpoints.MapWebSocketPumps(pattern, EndpointForms.For<THandler>(configure));

    /// <summary>Maps an endpoint with everything that can be set: setup, factory, register, unregister, ping interval, handlers.</summary>
    /// <remarks>
    /// Serves HTTP/1.1 (GET with Upgrade) and HTTP/2 (CONNECT, RFC 8441). A request that is not for a WebSocket gets 400, one
    /// from a page of a foreign origin 403, one during shutdown or over a limit 503. <c>UseWebSockets</c> is not needed and does no harm.
    /// Request timeouts do not apply, and cookie authentication answers 401 or 403 instead of redirecting.
    /// </remarks>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="configure">Called once, now.</param>
    /// <returns>The endpoint, to add conventions to: authorization, rate limiting, a name.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebSocketPumps</c> was not called.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// An option is out of its range, or contradicts another.
    /// </exception>
    public static IEndpointConventionBuilder MapWebSocketPumps(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, Action<WebSocketPumpsEndpointBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(configure);

        return new ConnectionEndpoint(PumpsServer.Of(endpoints.ServiceProvider), configure, name: pattern).Map(endpoints, pattern);
    }
}
