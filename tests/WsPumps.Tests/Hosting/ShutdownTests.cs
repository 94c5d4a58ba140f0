using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Hosting;

public sealed class ShutdownTests
{
    [Fact]
    public async Task Stop_HundredClients_AllSee1001AndTheHostStops()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => host.ConnectKnownAsync()));

        var stopping = host.StopAsync();
        var codes = await Task.WhenAll(peers.Select(async peer =>
        {
            var code = await peer.ReceiveEndAsync();
            await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
            return code;
        }));

        codes.Should().OnlyContain(code => code == WebSocketCloseStatus.EndpointUnavailable);
        await stopping.InTime();
        host.Callbacks.Unregistrations.Should().Be(100);
        host.Logs.OfPumps.Should().NotContain(entry => entry.Level >= LogLevel.Warning);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        await host.Clock.UntilTimersAsync(0);
    }

    [Fact]
    public async Task Stop_ClientIgnoresTheClose_HostStopsAfterCloseTimeout()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        var stopping = host.StopAsync();
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        stopping.IsCompleted.Should().BeFalse();
        var waited = await host.Clock.AdvanceUntilAsync(stopping);

        waited.Should().BeGreaterThanOrEqualTo(new WebSocketPumpsOptions().CloseTimeout);
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.Shutdown);
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Stop_CloseTimeoutLongerThanTheDrain_DrainTimeoutCutsTheRest()
    {
        await using var host = await PumpsHost.StartAsync(
            endpoint => endpoint.Options.CloseTimeout = TimeSpan.FromHours(1),
            builder =>
            {
                PumpsHost.With(options => options.Drain.Timeout = TimeSpan.FromHours(1))(builder);
                builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromHours(2));
                builder.Services.AddSingleton<IManager>(services => new Manager(new ManagerSettings
                {
                    Drain = new DrainOptions { Timeout = TimeSpan.FromSeconds(8) },
                    TimeProvider = services.GetRequiredService<TimeProvider>(),
                    Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("WsPumps"),
                }));
            });
        var peer = await host.ConnectRawAsync();
        await host.Callbacks.NextRegisteredAsync();

        var stopping = host.StopAsync();
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        var waited = await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("DrainTimedOut"));

        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(8));
        await stopping.InTime();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Stop_HandlerNeverEnds_HostStops()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (_, _, _) =>
        {
            began.SetResult();
            await new TaskCompletionSource().Task;
        }));
        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("work");
        await began.Task.InTime();

        await host.Clock.AdvanceUntilAsync(host.StopAsync());

        // The clock may have run past the time that the callback has, before it had a thread.
        await host.Callbacks.NextUnregisteredAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Stop_WhileItDrains_NewRequestsGet503()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        var peer = await host.ConnectRawAsync();
        await host.Callbacks.NextRegisteredAsync();

        var stopping = host.StopAsync();
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        using var answer = await host.HandshakeAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync().InTime()).Should().Contain("shutting down");
        await peer.SendAsync(Opcodes.Close, []);
        await stopping.InTime();
    }

    [Fact]
    public async Task Stop_RegisteredWhileItDrains_IsClosedToo()
    {
        var mayRegister = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Register(async context =>
        {
            if (context.Client.Items.TryAdd("late", null) && began.TrySetResult())
                await mayRegister.Task;
        }));
        var late = await host.ConnectAsync();
        await began.Task.InTime();
        var holding = await host.ConnectRawAsync();
        await host.Callbacks.NextRegisteredAsync();

        var stopping = host.StopAsync();
        (await holding.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Close);
        mayRegister.SetResult();

        (await late.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await late.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await holding.SendAsync(Opcodes.Close, []);
        await stopping.InTime();
    }

    [Fact]
    public async Task Stop_BroadcasterOfAnEndpoint_IsDrainedToo()
    {
        var manager = new Manager();
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/own", endpoint =>
        {
            endpoint.Broadcaster = new Broadcaster(manager);
            Echo.Endpoint(endpoint);
        }));
        var peer = await host.ConnectKnownAsync("/own");
        manager.Clients.Should().ContainSingle();
        host.Broadcaster.Manager.Clients.Should().BeEmpty();

        var stopping = host.StopAsync();

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.EndpointUnavailable);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await stopping.InTime();
        manager.Clients.Should().BeEmpty();
    }

    [Fact]
    public async Task Stop_NoClients_HostStops()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);

        await host.StopAsync().InTime();

        await host.Clock.UntilTimersAsync(0);
    }
}
