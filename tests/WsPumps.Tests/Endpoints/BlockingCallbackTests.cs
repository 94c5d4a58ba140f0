using System.Net;
using System.Net.WebSockets;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

/// <summary>Callbacks that block their thread, the hard case: each is given up in its time, and nobody else notices.</summary>
public sealed class BlockingCallbackTests : IDisposable
{
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Setup_Blocks_Is500AfterCallbackTimeout()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Setup(_ =>
        {
            Block();
            return default;
        }));

        var answering = host.HandshakeAsync();
        await _blocked.Task.InTime();
        await host.Clock.AdvanceUntilAsync(answering);

        using var answer = await answering;
        answer.StatusCode.Should().Be(HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task Factory_Blocks_Is1011AfterCallbackTimeout()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Factory(context =>
        {
            Block();
            return context.CreateClient();
        }));

        var peer = await host.ConnectAsync();
        await _blocked.Task.InTime();
        var end = peer.ReceiveEndAsync();
        await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("FactoryFailed"));

        (await end).Should().Be(WebSocketCloseStatus.InternalServerError);
        host.Callbacks.Unregistrations.Should().Be(0);
    }

    [Fact]
    public async Task Register_Blocks_Is1011AndUnregisteredOnceAndOthersConnect()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            Echo.Endpoint(endpoint);
            endpoint.Register(_ =>
            {
                BlockFirst();
                return default;
            });
        });
        var peer = await host.ConnectAsync();
        await _blocked.Task.InTime();

        await host.ConnectKnownAsync();
        // Read from now on: the clock may run past the time that the peer has for an answer.
        var end = peer.ReceiveEndAsync();
        await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("CallbackFailed"));

        (await end).Should().Be(WebSocketCloseStatus.InternalServerError);
        peer.Abort();
        (await (await host.Callbacks.NextUnregisteredAsync()).Completion.InTime()).Reason.Should().Be(DisconnectReason.ServerError);
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task PingReceived_Blocks_ConnectionIsUnregisteredAllTheSame()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Register(context =>
        {
            context.Client.Events.PingReceived += _ => Block();
            return default;
        }));
        var peer = await host.ConnectRawAsync();
        await peer.SendAsync(Opcodes.Ping, []);
        await _blocked.Task.InTime();

        await ExpectUnregisteredAsync(host);
    }

    [Fact]
    public async Task LowWatermarkReached_Blocks_ConnectionIsUnregisteredAllTheSame()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.MaxQueuedMessages = 4;
            endpoint.Options.SlowClientPolicy = SlowClientPolicy.DropNewest;
            endpoint.Register(context =>
            {
                context.Client.Events.LowWatermarkReached += _ => Block();
                return default;
            });
        });
        await host.ConnectRawAsync();
        // It may be told on the thread that writes, which then hangs until it is released.
        var everybody = host.Broadcaster.All;
        var filling = new Thread(() =>
        {
            while (!_blocked.Task.IsCompleted)
            {
                for (var i = 0; i < 4; i++)
                    everybody.Write("fill");
            }
        });
        filling.IsBackground = true;
        filling.Start();
        await _blocked.Task.InTime();

        await ExpectUnregisteredAsync(host);
        _release.Set();
        filling.Join(Limit.Time).Should().BeTrue();
    }

    [Fact]
    public async Task Unregister_Blocks_OthersAreUnregistered()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Unregister(_ =>
        {
            BlockFirst();
            return default;
        }));
        var (first, _) = await host.ConnectPairAsync();
        var (second, other) = await host.ConnectPairAsync();

        await first.CloseAsync();
        await _blocked.Task.InTime();
        await second.CloseAsync();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(other);
        var waited = await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("CallbackFailed"));
        waited.Should().BeGreaterThanOrEqualTo(new WebSocketPumpsOptions().CallbackTimeout);
    }

    [Fact]
    public async Task Handler_Blocks_ConnectionIsClosedReportedAndUnregisteredOnceAndOthersGoOn()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            if (message.GetText() == "block")
                Block();
            await client.WriteAsync(message, cancellationToken);
        }));
        var (peer, client) = await host.ConnectPairAsync();
        var other = await host.ConnectKnownAsync();
        await peer.SendTextAsync("block");
        await _blocked.Task.InTime();

        client.Write("still written to").Should().Be(WriteResult.Queued);
        (await peer.ReceiveTextAsync()).Should().Be("still written to");
        await client.CloseAsync((WebSocketCloseStatus)4000).InTime();
        (await peer.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)4000);
        await other.SendTextAsync("goes on");
        (await other.ReceiveTextAsync()).Should().Be("goes on");

        // Its own deadline, before that of the endpoint: whoever awaits the end is not kept.
        await host.Clock.AdvanceUntilAsync(client.Completion);
        (await client.Completion).Reason.Should().Be(DisconnectReason.LocalClosed);
        host.Logs.Named("PumpStuck").Should().ContainSingle();
        var unregistered = host.Callbacks.NextUnregisteredAsync();
        await host.Clock.AdvanceUntilAsync(unregistered);
        (await unregistered).Should().BeSameAs(client);
        host.Broadcaster.Manager.Clients.Should().ContainSingle();

        _release.Set();
        other.Abort();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(2);
    }

    [Fact]
    public async Task Handler_Blocks_HostStopsInTime()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage((_, _, _) =>
        {
            Block();
            return default;
        }));
        var (peer, _) = await host.ConnectPairAsync();
        await peer.SendTextAsync("block");
        await _blocked.Task.InTime();

        await host.Clock.AdvanceUntilAsync(host.StopAsync());

        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Register_FailsLate_IsLoggedAndNotUnobserved()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Register(_ =>
        {
            Block();
            throw new InvalidOperationException("too late");
        }));
        await host.ConnectAsync();
        await _blocked.Task.InTime();
        await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("CallbackFailed"));

        _release.Set();

        using var limit = new CancellationTokenSource(Limit.Time);
        while (host.Logs.Named("CallbackFailed").All(entry => entry.Exception!.Message != "too late"))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public void Dispose()
    {
        _release.Set();
        _release.Dispose();
    }

    /// <summary>The first call blocks, the others do not.</summary>
    private void BlockFirst()
    {
        if (!_blocked.Task.IsCompleted)
            Block();
    }

    private static async Task ExpectUnregisteredAsync(PumpsHost host)
    {
        host.Broadcaster.All.Abort();
        await host.Clock.AdvanceUntilAsync(host.Callbacks.NextUnregisteredAsync());

        host.Callbacks.Unregistrations.Should().Be(1);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
    }

    private void Block()
    {
        _blocked.TrySetResult();
        _release.Wait();
    }
}
