using System.Text.Json.Serialization;
using WsPumps;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddHealthChecks().AddWebSocketPumps();

var app = builder.Build();
app.MapHealthChecks("/ready");
app.MapWebSocketPumps("/echo", (client, message, cancellationToken) => client.WriteAsync(message, cancellationToken));

// A class for each connection, and JSON with metadata made at build time: neither needs reflection.
app.MapWebSocketPumps<Announcer>("/announce");
app.Run();

internal sealed record Announcement(string Text, int Recipients);

[JsonSerializable(typeof(Announcement))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class AnnouncementJson : JsonSerializerContext;

/// <summary>Tells everybody what one of them says.</summary>
internal sealed class Announcer(Broadcaster everybody) : WebSocketPumpsHandler
{
    public override ValueTask OnMessageAsync(IClient client, Message message, CancellationToken cancellationToken)
    {
        everybody.All.Write(new Announcement(message.GetText(), everybody.Manager.Clients.Count), AnnouncementJson.Default.Announcement);
        return default;
    }
}
