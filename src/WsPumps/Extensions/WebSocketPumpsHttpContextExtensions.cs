using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using WsPumps;
using WsPumps.Endpoints;
using WsPumps.Hosting;
using WsPumps.Messages;

namespace Microsoft.AspNetCore.Http;

/// <summary>Turns one request into a connection: for controllers, and for handlers and middleware of your own.</summary>
public static class WebSocketPumpsHttpContextExtensions
{
    /// <summary>Runs the request as a connection with one handler.</summary>
    /// <inheritdoc cref="RunWebSocketPumpsAsync(HttpContext, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="http">The request.</param>
    /// <param name="handler">Called for each message.</param>
    [OverloadResolutionPriority(1)]
    public static Task RunWebSocketPumpsAsync(this HttpContext http, MessageHandler handler) =>
        http.RunWebSocketPumpsAsync(EndpointForms.For(handler));

    /// <summary>The same with a handler that ends with a write.</summary>
    /// <inheritdoc cref="RunWebSocketPumpsAsync(HttpContext, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="http">The request.</param>
    /// <param name="handler">Called for each message.</param>
    public static Task RunWebSocketPumpsAsync(
        this HttpContext http, Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        http.RunWebSocketPumpsAsync(EndpointForms.For(Calls.Handler(handler)));

    /// <summary>The same with a handler that is done when it returns.</summary>
    /// <inheritdoc cref="RunWebSocketPumpsAsync(HttpContext, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="http">The request.</param>
    /// <param name="handler">Called for each message.</param>
    public static Task RunWebSocketPumpsAsync(
        this HttpContext http, Action<IClient, Message, CancellationToken> handler) =>
        http.RunWebSocketPumpsAsync(EndpointForms.For(Calls.Handler(handler)));

    /// <summary>Runs the request as a connection with an object of a handler class.</summary>
    /// <inheritdoc cref="RunWebSocketPumpsAsync(HttpContext, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <typeparam name="THandler">
    /// The class. Resolved from the services of the request if it is registered, otherwise created with arguments from them.
    /// </typeparam>
    /// <param name="http">The request.</param>
    /// <param name="configure">Sets everything else.</param>
    public static Task RunWebSocketPumpsAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this HttpContext http, Action<WebSocketPumpsEndpointBuilder>? configure = null)
        where THandler : WebSocketPumpsHandler =>
        http.RunWebSocketPumpsAsync(EndpointForms.For<THandler>(configure));

    /// <summary>Runs the request as a connection with everything that can be set.</summary>
    /// <remarks>
    /// A <see cref="Manager"/> or <see cref="Broadcaster"/> that the endpoint is given is known, and drained, as long as a connection uses
    /// it. A manager of your own type runs until the host stops: create it once, not for each request.
    /// </remarks>
    /// <param name="http">The request. It is answered with an error where it is refused.</param>
    /// <param name="configure">
    /// Called once, now. For one request; an endpoint that serves many is mapped once with <c>MapWebSocketPumps</c>.
    /// </param>
    /// <returns>
    /// Completes when the connection has ended and was unregistered. The caller must await it: the connection lives as long as the request.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// <c>AddWebSocketPumps</c> was not called; or the route takes GET and not CONNECT, with which browsers ask over HTTP/2: use
    /// <c>[Route]</c> instead of
    /// <c>[HttpGet]</c>, and <c>Map</c> instead of <c>MapGet</c>.
    /// </exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// An option is out of its range, or contradicts another.
    /// </exception>
    public static Task RunWebSocketPumpsAsync(this HttpContext http, Action<WebSocketPumpsEndpointBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(configure);
        var server = PumpsServer.Of(http.RequestServices);
        EndpointChecks.ThrowIfOnlyForGet(http);
        return new ConnectionEndpoint(server, configure).HandleOnceAsync(http);
    }
}
