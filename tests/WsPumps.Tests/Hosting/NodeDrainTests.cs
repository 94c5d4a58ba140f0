using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Hosting;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Hosting;

public sealed class NodeDrainTests
{
    [Fact]
    public async Task DrainAsync_Clients_LeaveWithAHintAndNewOnesGet503UntilResume()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var node = host.Services.GetRequiredService<WebSocketPumpsNode>();
        var peer = await host.ConnectKnownAsync();
        node.IsDraining.Should().BeFalse();

        var draining = node.DrainAsync();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        peer.CloseStatusDescription.Should().MatchRegex("^The server is shutting down; reconnect after [0-9]+ ms$");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        var result = await draining.InTime();
        result.Should().Be(new DrainResult { Clients = 1, Left = 1, Duration = result.Duration });
        node.IsDraining.Should().BeTrue();
        using (var refused = await host.HandshakeAsync())
            refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        node.Resume();
        node.IsDraining.Should().BeFalse();
        await host.ConnectKnownAsync();
    }

    [Fact]
    public async Task DrainAsync_PeerDoesNotAnswerTheClose_IsCutOffAndCounted()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        await host.ConnectKnownAsync();

        // The clock may run ahead of a busy machine: the deadline is not what this is about.
        var draining = host.Services.GetRequiredService<WebSocketPumpsNode>().DrainAsync(new DrainOptions { Timeout = TimeSpan.FromDays(1) });
        await host.Clock.AdvanceUntilAsync(draining);

        var result = await draining;
        result.Should().Be(new DrainResult { Clients = 1, Left = 1, Unanswered = 1, Duration = result.Duration });
    }

    [Fact]
    public async Task DrainAsync_ManagerFromScratch_ItsClientsLeaveAndItRunsOn()
    {
        var manager = new LoopManager();
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder => builder.Services.AddSingleton<IManager>(manager));
        var node = host.Services.GetRequiredService<WebSocketPumpsNode>();
        var peer = await host.ConnectKnownAsync();

        var draining = node.DrainAsync(new DrainOptions { Status = (WebSocketCloseStatus)1012, Reason = "Moving", ReconnectWithin = TimeSpan.Zero });
        (await peer.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)1012);
        peer.CloseStatusDescription.Should().Be("Moving");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        (await draining.InTime()).Left.Should().Be(1);
        manager.Ended.IsCompleted.Should().BeFalse();
        node.Resume();
        await host.ConnectKnownAsync();
    }

    /// <summary>As /admin/drain and /admin/resume of the README do it, one after the other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resume_WhileADrainRuns_WhoComesAfterwardsStays(bool ownManager)
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint, builder =>
        {
            if (ownManager)
                builder.Services.AddSingleton<IManager>(new LoopManager());
        });
        var node = host.Services.GetRequiredService<WebSocketPumpsNode>();
        using var stubborn = await host.ConnectRawAsync();
        await host.Callbacks.NextRegisteredAsync();
        var draining = node.DrainAsync();
        (await stubborn.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);

        node.Resume();
        var late = await host.ConnectKnownAsync();
        await host.Clock.AdvanceUntilAsync(draining);
        host.Clock.Advance(TimeSpan.FromSeconds(30));

        await late.SendTextAsync("still here");
        (await late.ReceiveTextAsync()).Should().Be("still here");
    }

    [Fact]
    public async Task DrainAsync_ClientInItsRegisterCallback_TokenIsCancelledAndItLeaves()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Register(async context =>
        {
            began.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(context.CancellationToken);
        }));
        var peer = await host.ConnectAsync();
        await began.Task.InTime();

        var draining = host.Services.GetRequiredService<WebSocketPumpsNode>().DrainAsync();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        // The clock stands still: no time limit of the callback ends it.
        await draining.InTime();
        (await (await host.Callbacks.NextUnregisteredAsync()).Completion.InTime()).Reason.Should().Be(DisconnectReason.Shutdown);
    }

    [Fact]
    public async Task Stop_RegisterCallbackIgnoresItsToken_IsCutAfterCloseTimeoutAndUnregisteredOnce()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.CallbackTimeout = TimeSpan.FromDays(1);
            endpoint.Register(async _ =>
            {
                began.SetResult();
                await new TaskCompletionSource().Task;
            });
        });
        var peer = await host.ConnectRawAsync();
        await began.Task.InTime();

        var stopping = host.StopAsync();
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("RegisterCut"));
        await host.Clock.AdvanceUntilAsync(stopping);

        (await (await host.Callbacks.NextUnregisteredAsync()).Completion.InTime()).Reason.Should().Be(DisconnectReason.Shutdown);
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Run_ManagerOfItsOwnForEachRequest_IsForgottenWithTheRequest()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.Map("/own", (HttpContext http) => http.RunWebSocketPumpsAsync(endpoint =>
        {
            endpoint.Broadcaster = new Broadcaster(new Manager());
            Echo.Endpoint(endpoint);
        })));
        var broadcasters = host.Services.GetRequiredService<PumpsServer>().Broadcasters;
        for (var i = 0; i < 3; i++)
        {
            var peer = await host.ConnectKnownAsync("/own");
            broadcasters.All.Count.Should().Be(2, "the application's own and this request's");
            await peer.CloseAsync();
            await host.Connections.WhenNoneAsync();
        }

        broadcasters.All.Count.Should().Be(1);
    }

    [Fact]
    public async Task Stop_ManagerOfARunningRequest_IsDrained()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.Map("/own", (HttpContext http) => http.RunWebSocketPumpsAsync(endpoint =>
        {
            endpoint.Broadcaster = new Broadcaster(new Manager());
            Echo.Endpoint(endpoint);
        })));
        var peer = await host.ConnectKnownAsync("/own");

        var stopping = host.StopAsync();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        await stopping.InTime();
    }
}
