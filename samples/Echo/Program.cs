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

app.MapGet("/stats", () =>
{
    var statistics = cluster?.Statistics ?? default;
    return new
    {
        connections = everybody.Manager.Clients.Count + app.Services.GetRequiredService<Manager>().Clients.Count,
        published = statistics.Published,
        received = statistics.Received,
        gaps = statistics.Missing,
        outboxDrops = statistics.OutboxDropped,
        engineState = cluster?.Status.State.ToString() ?? "None",
    };
});

app.Run();
