using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.SignalR;

namespace WsPumps.ClusterLoad;

/// <summary>One of two servers. It publishes when it is asked to, and tells how much CPU it has used.</summary>
internal static class Server
{
    public const string WsPumps = "wspumps";
    public const string SignalR = "signalr";

    public static async Task RunAsync(string contender, string redis)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (contender is WsPumps)
        {
            builder.Services.AddWebSocketPumps(options => (options.MaxQueuedMessages, options.MaxQueuedBytes) = (100_000, 16 * 1024 * 1024)).AddRedis(redis);
        }
        else
        {
            builder.Services.AddSignalR().AddStackExchangeRedis(redis);
        }

        var app = builder.Build();
        Func<string, ValueTask> publish;
        var probe = new ArrivalProbe();
        if (contender is WsPumps)
        {
            app.Services.GetRequiredService<Broadcaster>().Manager.Register(probe);
            var all = app.Services.GetRequiredService<Broadcaster>().All;
            app.MapWebSocketPumps("/ws", (_, _, _) => default);
            publish = async text => await all.WriteAsync(text);
        }
        else
        {
            app.MapHub<EmptyHub>("/ws");
            var hub = app.Services.GetRequiredService<IHubContext<EmptyHub>>();
            publish = async text => await hub.Clients.All.SendAsync("m", text);
        }

        app.MapPost("/publish", async (int count, int perSecond) => await PublishAsync(publish, count, perSecond));
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
        return $"published {counted.Published}, dropped from the outbox {counted.OutboxDropped}, received {counted.Received}, missing {counted.Missing}, repeated {counted.Repeated}; " +
            $"clients {clients.Count}: least sent {clients.Min(client => client.Statistics.MessagesSent)}, queued {clients.Sum(client => client.Statistics.QueuedMessages)}, " +
            $"dropped {clients.Sum(client => client.Statistics.MessagesDropped)}";
    }

    private sealed class EmptyHub : Hub;
}
