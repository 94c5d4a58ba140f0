using System.Net.WebSockets;
using Files;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddSingleton(new FileFolder(builder.Configuration["Folder"] ?? Path.Combine(Path.GetTempPath(), "wspumps-files")));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();

// Text is what the page asks for, and comes whole; a binary message is a file, and is written to the disk while it arrives.
app.MapWebSocketPumps<FileHandler>("/files", endpoint => endpoint.OnMessageStream<FileHandler>(WebSocketMessageType.Binary));

app.Run();
