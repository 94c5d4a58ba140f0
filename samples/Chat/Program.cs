using Chat;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebSocketPumps(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddSingleton<ChatRoom>();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapWebSocketPumps<ChatHandler>("/chat");
app.Run();
