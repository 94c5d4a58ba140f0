using WsPumps;

namespace ClusterSample;

/// <summary>One of the servers: a room whose members are on all of them.</summary>
internal static class ChatServer
{
    private const string Room = "room";

    public static void Run(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var name = builder.Configuration["name"] ?? "server";
        builder.Services.AddWebSocketPumps(options => options.AllowedOrigins.Add("*"))
            .AddRedis(
                redis => (redis.Configuration, redis.MaxBackoff) = (builder.Configuration["redis"] ?? "127.0.0.1:6379", TimeSpan.FromSeconds(2)),
                cluster => (cluster.NodeName, cluster.Presence) = (name, true));

        var app = builder.Build();
        var cluster = app.Services.GetRequiredService<Cluster>();
        var broadcaster = app.Services.GetRequiredService<Broadcaster>();

        // The page keeps the position of the last message it has, and comes back with it: to this server or to another.
        broadcaster.KeepHistory(Room, new HistoryOptions { Count = 100, Stamp = (position, message) => Messages.WithPosition(message, position) });

        app.MapWebSocketPumps("/ws", endpoint =>
        {
            endpoint.Register(async context =>
            {
                context.Client.Write(Messages.Welcome(name));
                var result = await broadcaster.JoinAsync(context.Client, Room, PositionOf(context.HttpContext), context.CancellationToken);
                context.Client.Write(Messages.Joined(result));
            });
            endpoint.OnMessage((_, message, _) =>
            {
                if (Messages.TextOf(message) is { } text)
                    broadcaster.Group(Room).Write(Messages.Said(name, text));
                return default;
            });
        });
        app.MapGet("/state", () => new
        {
            name,
            engine = cluster.Status.State.ToString(),
            isAlone = cluster.IsAlone,
            nodes = cluster.Nodes.Select(node => node.Name).Order(),
            members = cluster.Presence.Group(Room).Count,
            statistics = cluster.Statistics,
        });

        StopWithTheBalancer(app.Lifetime);
        app.Run();
    }

    private static string? PositionOf(HttpContext context) => context.Request.Query["after"] is [{ Length: > 0 } position] ? position : null;

    /// <summary>Its input ends when the balancer does, however that came about.</summary>
    private static void StopWithTheBalancer(IHostApplicationLifetime lifetime) => _ = Task.Run(async () =>
    {
        await Console.In.ReadToEndAsync();
        lifetime.StopApplication();
    });
}
