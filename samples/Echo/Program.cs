using WsPumps;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));

var app = builder.Build();

// Back to the sender, as the type it came in. WriteAsync waits for room, so a client that does not read is not read either.
app.MapWebSocketPumps("/echo", (client, message, cancellationToken) => client.WriteAsync(message, cancellationToken));

// To everybody connected here, the sender included. A broadcaster of its own keeps the clients of /echo out.
var everybody = new Broadcaster(new Manager());
app.MapWebSocketPumps("/broadcast", endpoint =>
{
    endpoint.Broadcaster = everybody;
    endpoint.OnMessage((client, message, cancellationToken) => everybody.All.Write(message));
});

app.Run();
