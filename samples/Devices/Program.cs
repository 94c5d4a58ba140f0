using System.Runtime.InteropServices;
using Devices;
using Devices.Device;
using Devices.Server;
using WsPumps;

var builder = WebApplication.CreateBuilder(args);
var tokens = new DeviceTokens(builder.Configuration["Devices:Key"] ?? throw new InvalidOperationException("Devices:Key is missing."));

if (builder.Configuration["token-for"] is { } device)
{
    Console.WriteLine(tokens.Issue(device, DateTimeOffset.UtcNow.AddDays(30)));
    return;
}

if (builder.Configuration["token"] is { } token)
{
    using var stop = new CancellationTokenSource();
    using var onStop = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
    using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
    await using var program = new DeviceProgram(new Uri(builder.Configuration["server"] ?? "ws://localhost:5000/device"), token, Console.WriteLine);
    await program.RunAsync(stop.Token);
    return;
}

builder.Services.AddWebSocketPumps(options => options.TokenSubProtocolPrefix = DeviceTokens.Prefix).Configure(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddSingleton<LatestReadings>();
builder.Services.AddSingleton(services => new DeviceCommands(services.GetRequiredService<Broadcaster>(), builder.Configuration.GetValue("Devices:CommandTimeout", TimeSpan.FromSeconds(5))));

builder.Services.AddSingleton(tokens).AddSingleton<Pages>();
if (builder.Configuration.GetValue("Devices:Simulated", 6) is > 0 and var simulated)
    builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<Fleet>(services, simulated));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapWebSocketPumpsScript();

app.MapWebSocketPumps<DeviceHandler>("/device", endpoint =>
{
    endpoint.Options.SubProtocols.Add(DeviceTokens.SubProtocol);
    endpoint.Options.RequireSubProtocol = true;
    endpoint.Setup(setup =>
    {
        if (tokens.Authenticate(setup.Token, DateTimeOffset.UtcNow) is var (device, expires))
        {
            setup.HttpContext.User = device;
            setup.AuthenticationExpiresAt = expires;
        }
        else
        {
            setup.Refuse(401, "Offer a valid token as a second subprotocol.");
        }
    });
});

// The page: what devices say, and commands to one or all of them. An application would ask here who it is.
app.MapWebSocketPumps("/watch", endpoint =>
{
    var (pages, readings) = (app.Services.GetRequiredService<Pages>(), app.Services.GetRequiredService<LatestReadings>());
    endpoint.Register(context => pages.Add(context.Client, readings.All));
    endpoint.OnJson(PageJson.Default.PageCommand, (_, command, _) =>
    {
        pages.Send(command, readings.All);
        return default;
    });
});

app.MapGet("/devices", (LatestReadings readings) => readings.All);

// To a device by its id, wherever it is connected: waits for its answer.
app.MapPost("/devices/{id}/commands/{command}", async (string id, string command, DeviceCommands commands, CancellationToken cancellationToken) =>
    await commands.SendAsync(id, command, cancellationToken) switch
    {
        { State: CommandState.Answered } answer => Results.Ok(new { answer.Succeeded, answer.Text }),
        { State: CommandState.NotConnected } => Results.Problem("The device is not connected.", statusCode: 404),
        { State: CommandState.Lost } => Results.Problem("The device has gone without an answer.", statusCode: 502),
        _ => Results.Problem("The device has not answered in time.", statusCode: 504),
    });

app.Run();

static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
{
    signal.Cancel = true;
    stop.Cancel();
}
