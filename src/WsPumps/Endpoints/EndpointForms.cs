using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Endpoints;

/// <summary>The shorter ways to write an endpoint, each put into the full one.</summary>
internal static class EndpointForms
{
    public static Action<WebSocketPumpsEndpoint> For(MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return endpoint => endpoint.Handlers.Add(handler);
    }

    public static Action<WebSocketPumpsEndpoint> For<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        Action<WebSocketPumpsEndpoint>? configure)
        where THandler : WebSocketPumpsHandler =>
        endpoint =>
        {
            endpoint.HandlerFactory = Create<THandler>;
            configure?.Invoke(endpoint);
            if (endpoint.Register is not null || endpoint.Unregister is not null || endpoint.AuthenticationExpiring is not null || endpoint.Handlers.Count > 0)
                throw new ArgumentException($"The endpoint has the handler class {typeof(THandler)}: override its methods instead of setting Register, Unregister, AuthenticationExpiring or Handlers.", nameof(configure));
        };

    private static WebSocketPumpsHandler Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(HttpContext http)
        where THandler : WebSocketPumpsHandler
    {
        if (http.RequestServices.GetService<THandler>() is { } registered)
            return registered;

        var created = ActivatorUtilities.CreateInstance<THandler>(http.RequestServices);
        if (created is IAsyncDisposable asyncDisposable)
            http.Response.RegisterForDisposeAsync(asyncDisposable);
        else if (created is IDisposable disposable)
            http.Response.RegisterForDispose(disposable);
        return created;
    }
}
