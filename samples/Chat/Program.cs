using Chat;
using WsPumps;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddSingleton<ChatRooms>();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapWebSocketPumpsScript();
var cables = new Cables(TimeProvider.System);
app.UseWhen(http => http.Request.Path == "/chat", branch => branch.Use(cables.WatchAsync));
app.MapPost("/pull/{page}", cables.Pull);
// A page whose connection breaks finds its place, and what was said meanwhile.
app.MapWebSocketPumps<ChatHandler>("/chat", endpoint => endpoint.Resume = new ResumeOptions());
app.MapGet("/rooms", (Broadcaster broadcaster) => broadcaster.GroupNames.Select(name => new Room(name, broadcaster.Group(name).Local.Count)));
app.Run();
