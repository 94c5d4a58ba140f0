using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.SignalR;

namespace WsPumps.ClusterLoad;

/// <summary>One of two servers. It publishes when it is asked to, and tells how much CPU it has used.</summary>
internal static class Server
{
    public const string WsPumps = "wspumps";
    public const string SignalR = "signalr";

    /// <summary>What is written by hand in an hour: publish everything, and write what comes to all clients. It notices no loss.</summary>
    public const string Bridge = "bridge";

    public static async Task RunAsync(string contender, string redis)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (contender is SignalR)
        {
            builder.Services.AddSignalR().AddStackExchangeRedis(redis);
        }
        else
        {
            var pumps = builder.Services.AddWebSocketPumps(options => (options.MaxQueuedMessages, options.MaxQueuedBytes) = (100_000, 16 * 1024 * 1024));
            if (contender is WsPumps)
                pumps.AddRedis(redis);
        }

        var app = builder.Build();
        Func<string, ValueTask> publish;
        var probe = new ArrivalProbe();
        if (contender is SignalR)
        {
            app.MapHub<EmptyHub>("/ws");
            var hub = app.Services.GetRequiredService<IHubContext<EmptyHub>>();
            publish = async text => await hub.Clients.All.SendAsync("m", text);
        }
        else
        {
            var broadcaster = app.Services.GetRequiredService<Broadcaster>();
            broadcaster.Manager.Register(probe);
            app.MapWebSocketPumps("/ws", (_, _, _) => default);
            publish = contender is WsPumps ? async text => await broadcaster.All.WriteAsync(text) : await HandBridge.StartAsync(redis, broadcaster);
        }

        app.MapPost("/publish", async (int count, int perSecond) => await PublishAsync(publish, count, perSecond));
        app.MapPost("/groups/join", (int groups) => GroupTraffic.Join(app.Services.GetRequiredService<Broadcaster>(), groups));
        app.MapPost("/groups/publish", async (int count, int perSecond, int groups) =>
            await PublishAsync(GroupTraffic.PublisherOf(app.Services.GetRequiredService<Broadcaster>(), groups), count, perSecond));
        app.MapGet("/received", () => app.Services.GetRequiredService<Cluster>().Statistics.MessagesReceived);
        app.MapGet("/arrivals", () => probe.Take() is { Count: > 0 } ages
            ? string.Create(CultureInfo.InvariantCulture, $"p50 {ages[ages.Count / 2]:0.00} ms, p99 {ages[(int)(ages.Count * 0.99)]:0.00} ms") : "none");
        app.MapGet("/stats", () => StatisticsOf(app.Services.GetService<Cluster>(), app.Services.GetService<Broadcaster>()));
        app.MapGet("/cpu", () => Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds);
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadToEndAsync();
    }

    /// <param name="publish">Publishes one message.</param>
    /// <param name="count">How many.</param>
    /// <param name="perSecond">How many a second; 0 for as many as go.</param>
    private static async Task PublishAsync(Func<string, ValueTask> publish, int count, int perSecond)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            while (perSecond > 0 && Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond < i)
                await Task.Delay(1);
            await publish(string.Create(CultureInfo.InvariantCulture, $"@{Stopwatch.GetTimestamp()};").PadRight(128, '.'));
        }
    }

    private static string StatisticsOf(Cluster? cluster, Broadcaster? broadcaster)
    {
        if (cluster is null || broadcaster is null)
            return "none";

        var counted = cluster.Statistics;
        var clients = broadcaster.All.Local.Snapshot().ToList();
        return $"published {counted.MessagesPublished}, dropped from the outbox {counted.MessagesDropped}, received {counted.MessagesReceived}, missing {counted.MessagesMissing}, repeated {counted.MessagesRepeated}; " +
            $"clients {clients.Count}: least sent {clients.Min(client => client.Statistics.MessagesSent)}, queued {clients.Sum(client => client.Statistics.QueuedMessages)}, " +
            $"dropped {clients.Sum(client => client.Statistics.MessagesDropped)}";
    }

    private sealed class EmptyHub : Hub;
}
