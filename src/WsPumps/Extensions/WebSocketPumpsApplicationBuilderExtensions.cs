using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using WsPumps;
using WsPumps.Endpoints;
using WsPumps.Hosting;
using WsPumps.Messages;

namespace Microsoft.AspNetCore.Builder;

/// <summary>WebSocket endpoints as middleware, for applications without endpoint routing.</summary>
public static class WebSocketPumpsApplicationBuilderExtensions
{
    /// <summary>Serves one path with one handler.</summary>
    /// <inheritdoc cref="UseWebSocketPumps(IApplicationBuilder, PathString, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="app">The pipeline.</param>
    /// <param name="path">The path. Other requests go on through the pipeline.</param>
    /// <param name="handler">Called for each message of each connection.</param>
    [OverloadResolutionPriority(1)]
    public static IApplicationBuilder UseWebSocketPumps(this IApplicationBuilder app, PathString path, MessageHandler handler) =>
        app.UseWebSocketPumps(path, EndpointForms.For(handler));

    /// <summary>The same with a handler that ends with a write.</summary>
    /// <inheritdoc cref="UseWebSocketPumps(IApplicationBuilder, PathString, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="app">The pipeline.</param>
    /// <param name="path">The path. Other requests go on through the pipeline.</param>
    /// <param name="handler">Called for each message.</param>
    public static IApplicationBuilder UseWebSocketPumps(
        this IApplicationBuilder app, PathString path, Func<IClient, Message, CancellationToken, ValueTask<WriteResult>> handler) =>
        app.UseWebSocketPumps(path, EndpointForms.For(Calls.Handler(handler)));

    /// <summary>The same with a handler that is done when it returns.</summary>
    /// <inheritdoc cref="UseWebSocketPumps(IApplicationBuilder, PathString, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <param name="app">The pipeline.</param>
    /// <param name="path">The path. Other requests go on through the pipeline.</param>
    /// <param name="handler">Called for each message.</param>
    public static IApplicationBuilder UseWebSocketPumps(
        this IApplicationBuilder app, PathString path, Action<IClient, Message, CancellationToken> handler) =>
        app.UseWebSocketPumps(path, EndpointForms.For(Calls.Handler(handler)));

    /// <summary>Serves one path with a class, of which each connection gets an object of its own.</summary>
    /// <inheritdoc cref="UseWebSocketPumps(IApplicationBuilder, PathString, Action{WebSocketPumpsEndpointBuilder})"/>
    /// <typeparam name="THandler">
    /// The class. Resolved from the services of the request if it is registered, otherwise created with arguments from them.
    /// </typeparam>
    /// <param name="app">The pipeline.</param>
    /// <param name="path">The path. Other requests go on through the pipeline.</param>
    /// <param name="configure">Sets everything else.</param>
    public static IApplicationBuilder UseWebSocketPumps<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IApplicationBuilder app, PathString path, Action<WebSocketPumpsEndpointBuilder>? configure = null)
        where THandler : WebSocketPumpsHandler =>
        app.UseWebSocketPumps(path, EndpointForms.For<THandler>(configure));

    /// <summary>Serves one path with everything that can be set.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="path">The path. Other requests go on through the pipeline.</param>
    /// <param name="configure">Called once, now.</param>
    /// <returns>The same pipeline.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebSocketPumps</c> was not called.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">
    /// An option is out of its range, or contradicts another.
    /// </exception>
    public static IApplicationBuilder UseWebSocketPumps(this IApplicationBuilder app, PathString path,
        Action<WebSocketPumpsEndpointBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(configure);

        var endpoint = new ConnectionEndpoint(PumpsServer.Of(app.ApplicationServices), configure, name: path.Value);
        return app.Use(next => http =>
            http.Request.Path.StartsWithSegments(path, out var rest) && rest.Value is null or "" or "/"
                ? endpoint.HandleAsync(http) : next(http));
    }
}
