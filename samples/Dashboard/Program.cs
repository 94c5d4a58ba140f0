using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Dashboard;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using WsPumps;

var builder = WebApplication.CreateBuilder(args);
// Small buffers on the way, so that a slow visitor is seen at once.
builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endpoint =>
{
    var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    socket.SendBufferSize = 8 * 1024;
    return socket;
});
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxResponseBufferSize = 16 * 1024);
builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddHealthChecks().AddWebSocketPumps();
builder.Services.AddAuthorization().AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
    // Programs get a plain answer; there is no page to sign in on.
    options.Events.OnRedirectToLogin = redirect =>
    {
        redirect.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    });
builder.Services.AddHostedService<Feed>();
if (builder.Configuration.GetValue("Visitors", true))
    builder.Services.AddHostedService<Visitors>();

var app = builder.Build();
app.MapHealthChecks("/ready");

// It shows users and closes connections, so it must be said who may see it.
app.MapWebSocketPumpsDashboard("/pumps").RequireAuthorization();

// An application has a way to sign in already. This one prints a link with a key when it starts.
var key = app.Configuration["Key"] ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
app.MapGet("/sign-in", async (HttpContext http, [FromQuery(Name = "key")] string? given) =>
{
    if (given is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(key)))
        return Results.Unauthorized();

    var user = new ClaimsIdentity([new Claim(ClaimTypes.Name, "operator")], CookieAuthenticationDefaults.AuthenticationScheme);
    await http.SignInAsync(new ClaimsPrincipal(user));
    return Results.Redirect("/pumps");
});

app.MapWebSocketPumps("/feed/{symbol}", endpoint =>
{
    var everybody = app.Services.GetRequiredService<Broadcaster>();
    endpoint.Options.SlowClientPolicy = SlowClientPolicy.DropOldest;
    endpoint.Options.PingInterval = TimeSpan.FromSeconds(2);
    endpoint.Setup(setup =>
    {
        // Stands in for the authentication of an application.
        var name = setup.HttpContext.Request.Query["user"].ToString();
        setup.HttpContext.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "demo"));
    });
    endpoint.Register(context => everybody.Join(context.Client, (string)context.HttpContext.Request.RouteValues["symbol"]!));
    endpoint.OnMessage((client, message, _) => message.GetText() == "fail" ? throw new InvalidOperationException("A visitor asked for it.") : default);
});

app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"Dashboard: {app.Urls.First()}/sign-in?key={key}"));
app.Run();
