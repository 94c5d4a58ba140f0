using System.Net.WebSockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace WsPumps.Tests.Extensions;

public class UserIdTests
{
    [Fact]
    public async Task UserId_OwnRule_FindsTheConnectionsOfTheUser()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddWebSocketPumps(options => options.UserId = user => user.FindFirst("tenant")?.Value);
        await using var app = builder.Build();
        app.Use((http, next) =>
        {
            http.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant", "t1")], "test"));
            return next(http);
        });
        app.MapWebSocketPumps("/ws", async (client, message, cancellationToken) => await client.WriteAsync(message, cancellationToken));
        await app.StartAsync().InTime();
        using var socket = await app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost/ws"), default).InTime();
        var broadcaster = app.Services.GetRequiredService<Broadcaster>();

        // An echo comes after the registration.
        await socket.SendAsync("x"u8.ToArray(), WebSocketMessageType.Text, true, default).InTime();
        await socket.ReceiveAsync(new byte[1], default).InTime();

        broadcaster.User("t1").Local.Count.Should().Be(1);
        broadcaster.User("t1").Write("to you").Queued.Should().Be(1);
    }

    [Fact]
    public async Task Join_InRegisterCallback_IsMemberAndListedAndLeavesWithTheConnection()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddWebSocketPumps();
        await using var app = builder.Build();
        var broadcaster = app.Services.GetRequiredService<Broadcaster>();
        var left = new TaskCompletionSource<string>();
        broadcaster.Left += membership => left.TrySetResult(membership.Group);
        app.MapWebSocketPumps("/ws", endpoint =>
        {
            endpoint.Register(context =>
            {
                broadcaster.Join(context.Client, "room").Should().BeTrue();
                broadcaster.Group("room").Write("welcome").Queued.Should().Be(1);
                return default;
            });
        });
        await app.StartAsync().InTime();
        using var socket = await app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri("ws://localhost/ws"), default).InTime();

        var received = await socket.ReceiveAsync(new byte[16], default).InTime();
        received.Count.Should().Be("welcome".Length);
        socket.Abort();

        (await left.Task.InTime()).Should().Be("room");
        broadcaster.GroupNames.Should().BeEmpty();
    }

    [Fact]
    public void UserId_OptionsFromConfiguration_IsLeftAlone()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("WebSocketPumps:MaxMessageSize", "1000")]).Build();
        Func<ClaimsPrincipal, string?> rule = _ => "x";
        using var services = new ServiceCollection()
            .AddLogging()
            .Configure<WebSocketPumpsOptions>(options => options.UserId = rule)
            .AddWebSocketPumps().Configure(configuration.GetSection("WebSocketPumps"))
            .Services.BuildServiceProvider();

        var options = services.GetRequiredService<IOptions<WebSocketPumpsOptions>>().Value;

        options.MaxMessageSize.Should().Be(1000);
        options.UserId.Should().BeSameAs(rule);
    }

    [Fact]
    public void UserId_WrittenInConfiguration_IsAnError()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("WebSocketPumps:UserId", "sub")]).Build();
        using var services = new ServiceCollection().AddLogging().AddWebSocketPumps().Configure(configuration.GetSection("WebSocketPumps")).Services.BuildServiceProvider();

        services.Invoking(provider => provider.GetRequiredService<IOptions<WebSocketPumpsOptions>>().Value).Should().Throw<InvalidOperationException>().WithMessage("*UserId*");
    }
}
