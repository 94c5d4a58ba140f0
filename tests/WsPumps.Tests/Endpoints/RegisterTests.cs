using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.CustomTypes;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class RegisterTests
{
    [Fact]
    public async Task Register_WritesDuringABroadcastStorm_ItsMessagesComeFirst()
    {
        using var stop = new CancellationTokenSource();
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Register(async context =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await context.Client.WriteAsync($"welcome {i}", context.CancellationToken);
                    await Task.Yield();
                }
            });
        });
        var storm = Task.Run(() =>
        {
            // As fast as it can be without a client becoming a slow one.
            while (!stop.IsCancellationRequested)
            {
                if (host.Broadcaster.Manager.Clients.All(client => client.Statistics.QueuedMessages < 100))
                    host.Broadcaster.All.Write("storm");
            }
        });

        for (var connection = 0; connection < 20; connection++)
        {
            var peer = await host.ConnectAsync();
            for (var i = 0; i < 10; i++)
                (await peer.ReceiveTextAsync()).Should().Be($"welcome {i}");
            (await peer.ReceiveTextAsync()).Should().Be("storm");
            peer.Abort();
        }

        await stop.CancelAsync();
        await storm.InTime();
    }

    [Fact]
    public async Task Register_TakesLong_MessagesWaitForIt()
    {
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = false;
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Register(async context =>
            {
                began.SetResult();
                await mayEnd.Task;
                await context.Client.WriteAsync("registered", context.CancellationToken);
                ended = true;
            });
            endpoint.OnMessage(async (client, _, cancellationToken) => await client.WriteAsync($"handled, {ended}", cancellationToken));
        });

        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("early");
        await began.Task.InTime();
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        mayEnd.SetResult();

        (await peer.ReceiveTextAsync()).Should().Be("registered");
        (await peer.ReceiveTextAsync()).Should().Be("handled, True");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Register_Throws_Is1011AndUnregisteredOnceAndLogged(bool asynchronously)
    {
        var handled = 0;
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Register(async _ =>
            {
                if (asynchronously)
                    await Task.Yield();
                throw new InvalidOperationException("register failed");
            });
            endpoint.OnMessage((_, _, _) =>
            {
                Interlocked.Increment(ref handled);
                return default;
            });
        });

        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("never handled");
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        await host.Callbacks.NextUnregisteredAsync();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
        handled.Should().Be(0);
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        var error = host.Logs.OfPumps.Should().ContainSingle(entry => entry.Level >= LogLevel.Warning).Which;
        error.Level.Should().Be(LogLevel.Error);
        error.EventName.Should().Be("CallbackFailed");
        error.Message.Should().Contain("register");
        error.Exception!.Message.Should().Be("register failed");
    }

    [Fact]
    public async Task Register_NeverReturns_Is1011AfterCallbackTimeout()
    {
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.CallbackTimeout = TimeSpan.FromSeconds(3);
            // The clock may move on a little before the log is looked at: the peer still has time to answer.
            endpoint.Options.CloseTimeout = TimeSpan.FromSeconds(25);
            endpoint.Register(async _ =>
            {
                began.SetResult();
                await new TaskCompletionSource().Task;
            });
        });

        var peer = await host.ConnectAsync();
        await began.Task.InTime();
        var logged = host.Logs.FirstAsync("CallbackFailed");
        var waited = await host.Clock.AdvanceUntilAsync(logged);

        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
        (await logged).Exception.Should().BeOfType<TimeoutException>();
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.Callbacks.NextUnregisteredAsync();
    }

    [Fact]
    public async Task Register_PeerVanishesMeanwhile_TokenIsCancelled()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Register(async context =>
            await new TaskCompletionSource().Task.WaitAsync(context.CancellationToken)));

        var peer = await host.ConnectRawAsync();
        peer.Reset();

        (await host.Logs.FirstAsync("CallbackFailed")).Exception.Should().BeAssignableTo<OperationCanceledException>();
        await host.Callbacks.NextUnregisteredAsync();
    }

    [Fact]
    public async Task Unregister_Throws_IsLoggedAndTheManagerIsEmpty()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            Echo.Endpoint(endpoint);
            endpoint.Unregister(_ => throw new InvalidOperationException("unregister failed"));
        });
        var peer = await host.ConnectKnownAsync();

        await peer.CloseAsync();

        (await host.Logs.FirstAsync("CallbackFailed")).Exception!.Message.Should().Be("unregister failed");
        host.Broadcaster.Manager.Clients.Should().BeEmpty();
        await host.EndAsync();
        host.Callbacks.Unregistrations.Should().Be(1);
    }

    [Fact]
    public async Task Unregister_NeverReturns_IsGivenUpAfterCallbackTimeout()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.CallbackTimeout = TimeSpan.FromSeconds(3);
            endpoint.Unregister(async _ => await new TaskCompletionSource().Task);
        });
        var peer = await host.ConnectAsync();

        await peer.CloseAsync();
        var waited = await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("CallbackFailed"));

        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
    }

    /// <summary>
    /// A thread pool that is busy for long has no thread for them in time. They are called all the same: what was added would stay for ever.
    /// Here the time is over as soon as they are put on the pool.
    /// </summary>
    [Fact]
    public async Task Unregister_ItsTimeIsOverBeforeItBegins_IsCalledLate()
    {
        const int Peers = 100;
        var manager = new RunCountingManager();
        await using var host = await PumpsHost.StartAsync(
            endpoint =>
            {
                Echo.Endpoint(endpoint);
                endpoint.Options.CallbackTimeout = TimeSpan.FromMilliseconds(100);
            },
            builder => builder.Services.AddSingleton<IManager>(manager));
        var peers = await Task.WhenAll(Enumerable.Range(0, Peers).Select(_ => host.ConnectKnownAsync()));
        manager.Clients.Should().HaveCount(Peers);

        foreach (var peer in peers)
            peer.Dispose();

        await host.BeatUntilAsync(() => manager.Clients.Count == 0 && host.Callbacks.Unregistrations == Peers);
    }
}
