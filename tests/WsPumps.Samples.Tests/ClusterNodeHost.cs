using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WsPumps.Testing;

namespace WsPumps.Samples.Tests;

/// <summary>One server of a cluster in this process, with a dashboard, on a real port.</summary>
internal sealed class ClusterNodeHost(WebApplication app) : IAsyncDisposable
{
    public Uri Address { get; } = new(app.Urls.Single());

    public Broadcaster Broadcaster => app.Services.GetRequiredService<Broadcaster>();

    public static async Task<ClusterNodeHost> StartAsync(TestBackplane engine, string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddWebSocketPumps().AddBackplane(_ => engine, options =>
        {
            options.NodeName = name;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(500);
            options.NodeTimeout = TimeSpan.FromMinutes(1);
        });
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapWebSocketPumpsDashboard().AllowAnonymous();
        app.MapWebSocketPumps("/feed", endpoint =>
        {
            endpoint.Setup(setup => setup.HttpContext.User = new ClaimsPrincipal(
                new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, setup.HttpContext.Request.Query["user"]!)], "test")));
            endpoint.Register(context => app.Services.GetRequiredService<Broadcaster>().Join(context.Client, context.HttpContext.Request.Query["group"]!));
            endpoint.OnMessage((client, message, cancellationToken) => client.WriteAsync(message, cancellationToken));
        });
        await app.StartAsync().InTime();
        return new ClusterNodeHost(app);
    }

    /// <summary>Connected, and a member of the group.</summary>
    public async Task<Socket> ConnectAsync(string user, string group)
    {
        var socket = await Socket.OpenAsync(Address, $"/feed?user={Uri.EscapeDataString(user)}&group={Uri.EscapeDataString(group)}");
        await socket.SendAsync("known?");
        await socket.ReceiveTextAsync();
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync().InTime();
        await app.DisposeAsync();
    }
}
