using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Endpoints;

/// <summary>The shorter ways to write an endpoint, each put into the full one.</summary>
internal static class EndpointForms
{
    public static Action<WebSocketPumpsEndpointBuilder> For(MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return endpoint => endpoint.OnMessage(handler);
    }

    public static Action<WebSocketPumpsEndpointBuilder> For<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        Action<WebSocketPumpsEndpointBuilder>? configure)
        where THandler : WebSocketPumpsHandler =>
        endpoint =>
        {
            endpoint.HandlerClass = Create<THandler>;
            configure?.Invoke(endpoint);
        };

    private static WebSocketPumpsHandler Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        HttpContext http)
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
