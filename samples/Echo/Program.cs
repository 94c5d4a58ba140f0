using System.Globalization;
using System.Net.WebSockets;
using WsPumps;

var builder = WebApplication.CreateBuilder(args);
var pumps = builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));

// --Redis=127.0.0.1:6379 connects it with all others that are started so.
if (builder.Configuration["Redis"] is { Length: > 0 } redis)
    pumps.AddRedis(redis);

var app = builder.Build();

// Back to the sender, as the type it came in. WriteAsync waits for room, so a client that does not read is not read either.
app.MapWebSocketPumps("/echo", (client, message, cancellationToken) => client.WriteAsync(message, cancellationToken));

// To everybody connected here, or to the cluster, the sender included. A broadcaster of its own keeps the clients of /echo out.
var cluster = app.Services.GetService<Cluster>();
var everybody = cluster?.CreateBroadcaster(new Manager(), "everybody") ?? new Broadcaster(new Manager());
app.MapWebSocketPumps("/broadcast", endpoint =>
{
    endpoint.Broadcaster = everybody;
    endpoint.OnMessage((client, message, cancellationToken) => everybody.All.Write(message));
});

// A session outlives its connection for 30 seconds, for clients that ask for it: docs/resume.md. "burst 500" makes the server talk, whether the client is
// there or not: what does not fit its queue meanwhile waits. Every other message goes back.
app.MapWebSocketPumps("/session", endpoint =>
{
    endpoint.Resume = new ResumeOptions { Window = TimeSpan.FromSeconds(30) };
    endpoint.OnMessage(async (client, message, cancellationToken) =>
    {
        if (message.Type is not WebSocketMessageType.Text || !Burst.TryParse(message.GetText(), out var count))
        {
            await client.WriteAsync(message, cancellationToken);
            return;
        }

        for (var i = 1; i <= count; i++)
        {
            await client.WriteAsync($"{i}", cancellationToken);
            await Task.Delay(1, cancellationToken);
        }
    });
});

app.MapGet("/stats", () =>
{
    var statistics = cluster?.Statistics ?? default;
    return new
    {
        connections = everybody.Manager.Clients.Count + app.Services.GetRequiredService<Manager>().Clients.Count,
        published = statistics.MessagesPublished,
        received = statistics.MessagesReceived,
        gaps = statistics.MessagesMissing,
        outboxDrops = statistics.MessagesDropped,
        engineState = cluster?.Status.State.ToString() ?? "None",
    };
});

app.Run();

internal static class Burst
{
    /// <summary>Reads <c>burst 500</c>.</summary>
    public static bool TryParse(string text, out int count)
    {
        count = 0;
        return text.StartsWith("burst ", StringComparison.Ordinal) && int.TryParse(text.AsSpan("burst ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
