using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class ConnectionRunnerTests
{
    [Fact]
    public async Task ClientFromScratch_PeerCloses_EchoesAndIsUnregisteredOnce()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Factory(context => new ChannelClient(context.WebSocket));
            Echo.Endpoint(endpoint);
        });
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendTextAsync("hello");
        (await peer.ReceiveTextAsync()).Should().Be("hello");
        host.Broadcaster.Manager.Clients.Should().ContainSingle().Which.Should().BeSameAs(client).And.BeOfType<ChannelClient>();
        host.Broadcaster.All.Write("to all").Queued.Should().Be(1);
        (await peer.ReceiveTextAsync()).Should().Be("to all");
        await peer.CloseAsync();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        host.Logs.OfPumps.Should().NotContain(entry => entry.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task ClientFromScratch_PeerVanishes_IsUnregisteredOnce()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Factory(context => new ChannelClient(context.WebSocket)));
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        peer.Reset();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Register_Token_LastsAsLongAsTheConnection()
    {
        var given = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            Echo.Endpoint(endpoint);
            endpoint.Register(context =>
            {
                context.CancellationToken.Register(() => fired.TrySetResult());
                given.TrySetResult(context.CancellationToken);
                return default;
            });
        });
        var peer = await host.ConnectAsync();
        var token = await given.Task.InTime();

        await peer.SendTextAsync("registered by now");
        await peer.ReceiveTextAsync();
        token.IsCancellationRequested.Should().BeFalse();
        await peer.CloseAsync();

        await fired.Task.InTime();
    }

    [Fact]
    public async Task Register_CodeOnItsTokenThrows_IsLoggedAndTheConnectionIsUnregistered()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Register(context =>
        {
            context.CancellationToken.Register(() => throw new InvalidOperationException("on the token"));
            return default;
        }));
        var peer = await host.ConnectAsync();

        await peer.CloseAsync();

        await host.Callbacks.NextUnregisteredAsync();
        (await host.Logs.FirstAsync("CallbackFailed")).Exception!.InnerException!.Message.Should().Be("on the token");
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Wrapper_HandlersAndBroadcasts_GoThroughIt()
    {
        var handledFor = new TaskCompletionSource<IClient>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.PingInterval = TimeSpan.FromSeconds(7);
            endpoint.Factory(context => new WrappingClient(context.CreateClient()));
            endpoint.OnMessage(async (client, message, cancellationToken) =>
            {
                handledFor.TrySetResult(client);
                await client.WriteAsync(message, cancellationToken);
            });
        });
        var (peer, client) = await host.ConnectPairAsync();

        await peer.SendTextAsync("hello");
        (await peer.ReceiveTextAsync()).Should().Be("hello");
        host.Broadcaster.All.Write("all").Queued.Should().Be(1);
        (await peer.ReceiveTextAsync()).Should().Be("all");

        (await handledFor.Task.InTime()).Should().BeSameAs(client, "a handler gets the client that the factory made");
        var wrapper = client.Should().BeOfType<WrappingClient>().Which;
        wrapper.Written.Should().Equal(5, 3);
        wrapper.PingInterval.Should().Be(TimeSpan.FromSeconds(7));
        await peer.CloseAsync();
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    [Theory]
    [InlineData("write pump throws at once")]
    [InlineData("write pump fails")]
    [InlineData("read pump throws at once")]
    [InlineData("read pump fails")]
    [InlineData("write pump never ends")]
    [InlineData("read pump never ends")]
    public async Task Client_BreaksTheContract_IsLoggedAndUnregisteredOnceInBoundedTime(string defect)
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Factory(context => new BrokenClient(context.CreateClient(), defect)));

        var peer = await host.ConnectAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        // The close is what makes the other pump end where one never does.
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        _ = client.CloseAsync();
        var unregistered = host.Callbacks.NextUnregisteredAsync();
        // Elsewhere the clock would run past the limits of what ends by itself.
        if (defect.EndsWith("never ends", StringComparison.Ordinal))
            await host.Clock.AdvanceUntilAsync(unregistered);

        (await unregistered).Should().BeSameAs(client);
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        if (defect.EndsWith("never ends", StringComparison.Ordinal))
            host.Logs.Named("PumpStillRunning").Should().ContainSingle();
        else
            host.Logs.Named("ClientFailed").Should().Contain(entry => entry.Exception!.Message == defect);
    }

    [Fact]
    public async Task Client_CloseThrows_IsLoggedAndUnregisteredOnce()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Factory(context => new BrokenClient(context.CreateClient(), "close throws")));
        var (peer, client) = await host.ConnectPairAsync();

        await peer.CloseAsync();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        (await host.Logs.FirstAsync("ClientFailed")).Exception!.Message.Should().Be("close throws");
    }

    [Fact]
    public async Task Manager_RegisterThrows_Is1011AndUnregisteredOnce()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Manager = new FailingManager(nameof(IManager.Register)));
        var peer = await host.ConnectAsync();

        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        await host.Callbacks.NextUnregisteredAsync();
        (await host.Logs.FirstAsync("CallbackFailed")).Exception!.Message.Should().Be("Register failed");
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Manager_IdIsTaken_SecondIs1011AndTheFirstStays()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Factory(context => new Client(context.WebSocket, new ClientSettings { Id = "the same" }));
            Echo.Endpoint(endpoint);
        });
        var first = await host.ConnectKnownAsync();
        var second = await host.ConnectAsync();

        (await second.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        await second.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.Callbacks.NextUnregisteredAsync();

        host.Broadcaster.All.Write("to the first").Should().Be(new BroadcastResult { Queued = 1 });
        (await first.ReceiveTextAsync()).Should().Be("to the first");
    }

    [Fact]
    public async Task Manager_UnregisterThrows_UnregisterCallbackIsStillCalled()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Manager = new FailingManager(nameof(IManager.Unregister)));
        var (peer, client) = await host.ConnectPairAsync();

        await peer.CloseAsync();

        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        host.Logs.Named("CallbackFailed").Should().ContainSingle().Which.Exception!.Message.Should().Be("Unregister failed");
    }
}
