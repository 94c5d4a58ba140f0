using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Load.Servers;

/// <summary>WsPumps, as an application would use it.</summary>
internal static class WsPumpsServer
{
    public static Task<int> StartAsync(int port) => StartAsync(port, KestrelHost.PingInterval, factory: null);

    /// <summary>A ping each second, so that connections change over to direct writes while the server is warmed up.</summary>
    public static Task<int> StartDirectAsync(int port) => StartAsync(port, TimeSpan.FromSeconds(1), factory: null);

    /// <summary>Every connection keeps what it has sent, in case it is lost: the cost of that, beside the default.</summary>
    public static Task<int> StartResumingAsync(int port) => StartAsync(port, KestrelHost.PingInterval, factory: null, new ResumeOptions());

    /// <summary>A client that is made without a gate writes through the socket's own SendAsync.</summary>
    public static Task<int> StartOverWebSocketAsync(int port) =>
        StartAsync(port, KestrelHost.PingInterval, connection => new WsPumps.Client(connection.WebSocket, new ClientSettings { Options = connection.Options }));

    private static Task<int> StartAsync(int port, TimeSpan pingInterval, Func<ClientFactoryContext, IClient>? factory, ResumeOptions? resume = null) => KestrelHost.StartAsync(
        port,
        services => services.AddWebSocketPumps(options =>
        {
            options.PingInterval = pingInterval;
            options.DirectWrites = pingInterval != KestrelHost.PingInterval;
            options.PongTimeout = KestrelHost.PongTimeout;
            options.MaxMessageSize = KestrelHost.MaxMessageSize;
            options.MaxQueuedMessages = KestrelHost.MaxQueuedMessages;
        }),
        app =>
        {
            app.MapWebSocketPumps("/echo", endpoint =>
            {
                UseFactory(endpoint, factory);
                endpoint.Resume = resume;
                endpoint.OnMessage(async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
            });
            app.MapWebSocketPumps("/broadcast", endpoint =>
            {
                UseFactory(endpoint, factory);
                endpoint.Resume = resume;
                var everybody = new Broadcaster(new Manager());
                endpoint.Broadcaster = everybody;
                endpoint.OnMessage((client, message, cancellationToken) => everybody.All.Write(message));
            });
        });

    private static void UseFactory(WebSocketPumpsEndpointBuilder endpoint, Func<ClientFactoryContext, IClient>? factory)
    {
        if (factory is not null)
            endpoint.Factory(factory);
        // A client without a gate sends no pings, so that the runtime's have to do.
        endpoint.PlatformKeepAlive = factory is not null;
    }
}
