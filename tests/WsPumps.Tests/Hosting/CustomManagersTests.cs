using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Hosting;

public sealed class CustomManagersTests
{
    [Fact]
    public async Task Manager_FromScratch_RunsFromTheHostsStartToItsStop()
    {
        var manager = new LoopManager();
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Services.AddSingleton<IManager>(manager));
        await manager.Started.InTime();
        var peer = await host.ConnectKnownAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        manager.Clients.Should().Equal(client);
        manager.Ended.IsCompleted.Should().BeFalse();

        var stopping = host.StopAsync();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        await stopping.InTime();
        await manager.Ended.InTime();
        manager.Clients.Should().BeEmpty();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Manager_FromScratchWithClientsFromScratch_EchoesAndIsUnregisteredOnce()
    {
        var manager = new LoopManager();
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                endpoint.Factory(context => new ChannelClient(context.WebSocket));
                Echo.Endpoint(endpoint);
            },
            builder => builder.Services.AddSingleton<IManager>(manager));
        var peer = await host.ConnectKnownAsync();
        manager.Clients.Should().ContainSingle().Which.Should().BeOfType<ChannelClient>();

        await peer.CloseAsync();

        await host.Callbacks.NextUnregisteredAsync();
        manager.Clients.Should().BeEmpty();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Manager_OfAnEndpoint_IsRunAndStoppedToo()
    {
        var manager = new RunCountingManager();
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            app.MapWebSocketPumps("/a", endpoint => endpoint.Manager = manager);
            app.MapWebSocketPumps("/b", endpoint => endpoint.Manager = manager);
        });
        await manager.Started.InTime();

        await host.StopAsync().InTime();

        manager.Stopped.IsCompleted.Should().BeTrue();
        manager.Runs.Should().Be(1, "two endpoints share it");
    }

    [Fact]
    public async Task Manager_FromScratch_TheBroadcasterReachesItsClientsAllTheSame()
    {
        var manager = new LoopManager();
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Services.AddSingleton<IManager>(manager));
        var peer = await host.ConnectKnownAsync();

        host.Broadcaster.All.Write("to all").Queued.Should().Be(1);

        (await peer.ReceiveTextAsync()).Should().Be("to all");
        await peer.CloseAsync();
        await host.Callbacks.NextUnregisteredAsync();
        host.Broadcaster.All.Local.Count.Should().Be(0);
    }

    [Fact]
    public async Task Manager_RunThrows_IsLoggedAndConnectionsWork()
    {
        await using var host = await PumpsHost.StartAsync(
            Echo.Endpoint, builder => builder.Services.AddSingleton<IManager>(new FailingManager(nameof(IManager.RunAsync))));

        var error = await host.Logs.FirstAsync("ManagerFailed");
        await host.ConnectKnownAsync();

        error.Level.Should().Be(LogLevel.Error);
        error.Message.Should().Contain(nameof(FailingManager));
        error.Exception!.Message.Should().Be("RunAsync failed");
    }
}
