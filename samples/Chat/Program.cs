var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebSocketPumps(builder.Configuration.GetSection("WebSocketPumps"));

var app = builder.Build();
app.Run();
