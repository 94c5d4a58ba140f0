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
        builder.Logging.ClearProviders();
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
        if (contender is WsPumps)
        {
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

    private sealed class EmptyHub : Hub;
}
