using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace WsPumps.Load.Servers;

/// <summary>WsPumps, as an application would use it.</summary>
internal static class WsPumpsServer
{
    /// <summary>A ping each second, so that connections write straight to their sockets before anything is measured.</summary>
    private static readonly TimeSpan OftenPinged = TimeSpan.FromSeconds(1);

    public static Task<int> StartAsync(ServerSettings settings) => StartAsync(settings, OftenUnless(settings), isDirect: true, factory: null);

    /// <summary>Every connection keeps what it has sent, in case it is lost: the cost of that, beside the default.</summary>
    public static Task<int> StartResumingAsync(ServerSettings settings) =>
        StartAsync(settings, OftenUnless(settings), isDirect: true, factory: null, new ResumeOptions());

    /// <summary>Pinged as rarely as by default, so that what the dashboard costs is not lost in it.</summary>
    public static Task<int> StartWithDashboardAsync(ServerSettings settings) => StartAsync(
        settings, KestrelHost.PingInterval, isDirect: true, factory: null, map: app => app.MapWebSocketPumpsDashboard().AllowAnonymous());

    public static Task<int> StartOverStreamAsync(ServerSettings settings) =>
        StartAsync(settings, KestrelHost.PingInterval, isDirect: false, factory: null);

    /// <summary>Over a socket that is not its own, a client writes through the socket's SendAsync.</summary>
    public static Task<int> StartOverWebSocketAsync(ServerSettings settings) => StartAsync(settings, KestrelHost.PingInterval, isDirect: false,
        connection => new WsPumps.Client(connection.WebSocket, new ClientSettings { Options = connection.Options }));

    private static Task<int> StartAsync(ServerSettings settings, TimeSpan pingInterval, bool isDirect,
        Func<ClientFactoryContext, IClient>? factory, ResumeOptions? resume = null, Action<WebApplication>? map = null) => KestrelHost.StartAsync(
        settings,
        services => services.AddWebSocketPumps(options =>
        {
            options.PingInterval = pingInterval;
            options.DirectWrites = isDirect;
            options.Compression = settings.Compresses ? new CompressionOptions() : null;
            options.PongTimeout = KestrelHost.PongTimeout;
            options.MaxMessageSize = KestrelHost.MaxMessageSize;
            options.MaxQueuedMessages = KestrelHost.MaxQueuedMessages;
        }),
        app =>
        {
            map?.Invoke(app);
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

    private static TimeSpan OftenUnless(ServerSettings settings) => settings.PingsRarely ? KestrelHost.PingInterval : OftenPinged;

    private static void UseFactory(WebSocketPumpsEndpointBuilder endpoint, Func<ClientFactoryContext, IClient>? factory)
    {
        if (factory is not null)
            endpoint.Factory(factory);
        // A client without a gate sends no pings, so that the runtime's have to do.
        endpoint.PlatformKeepAlive = factory is not null;
    }
}
