using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class HandlersTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handler_Throws_Is1011ForThisClientOnly(bool asynchronously)
    {
        await using var host = await PumpsHost.StartAsync(endpoint => FailOnRequest(endpoint, asynchronously));
        var (failing, client) = await host.ConnectPairAsync();
        var other = await host.ConnectKnownAsync();

        await failing.SendTextAsync("fail");
        (await failing.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.InternalServerError);
        await failing.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.HandlerError);
        record.LocalStatus.Should().Be(WebSocketCloseStatus.InternalServerError);
        record.Exception!.Message.Should().Be("handler failed");
        await other.SendTextAsync("still here");
        (await other.ReceiveTextAsync()).Should().Be("still here");
        await host.EndAsync();
        var error = host.Logs.OfPumps.Should().ContainSingle(entry => entry.Level >= LogLevel.Warning).Which;
        error.Level.Should().Be(LogLevel.Error);
        error.EventName.Should().Be("HandlerFailed");
    }

    [Fact]
    public async Task Handler_ThrowsWithContinueOnHandlerError_ConnectionGoesOn()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.ContinueOnHandlerError = true;
            FailOnRequest(endpoint, asynchronously: true);
        });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("fail");
        await peer.SendTextAsync("go on");

        (await peer.ReceiveTextAsync()).Should().Be("go on");
        host.Logs.Named("HandlerFailed").Should().ContainSingle();
    }

    [Fact]
    public async Task Handlers_Several_RunInOrderForEachMessage()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            foreach (var name in (string[])["a", "b", "c"])
            {
                endpoint.OnMessage(async (client, message, cancellationToken) =>
                {
                    await Task.Yield();
                    await client.WriteAsync(name + message.GetText(), cancellationToken);
                });
            }
        });
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("1");
        await peer.SendTextAsync("2");

        foreach (var expected in (string[])["a1", "b1", "c1", "a2", "b2", "c2"])
            (await peer.ReceiveTextAsync()).Should().Be(expected);
    }

    [Fact]
    public async Task Handler_IsAsynchronous_OneMessageAtATimeAndInOrder()
    {
        var running = 0;
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            var atOnce = Interlocked.Increment(ref running);
            await Task.Yield();
            var answer = $"{message.GetText()} {atOnce}";
            Interlocked.Decrement(ref running);
            await client.WriteAsync(answer, cancellationToken);
        }));
        var peer = await host.ConnectAsync();

        for (var i = 0; i < 200; i++)
            await peer.SendTextAsync($"{i}");

        for (var i = 0; i < 200; i++)
            (await peer.ReceiveTextAsync()).Should().Be($"{i} 1");
    }

    [Fact]
    public async Task Handler_OfOneClientIsStuck_AnotherClientIsServed()
    {
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            if (message.GetText() == "get stuck")
                await stuck.Task;
            await client.WriteAsync(message, cancellationToken);
        }));
        var slow = await host.ConnectAsync();
        var quick = await host.ConnectAsync();

        await slow.SendTextAsync("get stuck");
        await quick.SendTextAsync("hello");

        (await quick.ReceiveTextAsync()).Should().Be("hello");
        stuck.SetResult();
        (await slow.ReceiveTextAsync()).Should().Be("get stuck");
    }

    [Fact]
    public async Task Handler_IsWorking_PingsAreAnswered()
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (_, _, _) => await working.Task));
        var peer = await host.ConnectRawAsync();

        await peer.SendAsync(Opcodes.Text, []);
        await peer.SendAsync(Opcodes.Ping, [1]);

        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Pong);
        working.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_BeforeThePeersClose_AreAllAnsweredBeforeOurs(bool asynchronously)
    {
        const int messages = 100;
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            if (asynchronously)
                await Task.Yield();
            await client.WriteAsync(message, cancellationToken);
        }));
        var (peer, client) = await host.ConnectPairAsync();

        for (var i = 0; i < messages; i++)
            await peer.SendTextAsync($"{i}");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        for (var i = 0; i < messages; i++)
            (await peer.ReceiveTextAsync()).Should().Be($"{i}");
        (await peer.ReceiveAsync()).Type.Should().Be(WebSocketMessageType.Close);
        var record = await client.Completion.InTime();
        record.MessagesReceived.Should().Be(messages);
        record.MessagesSent.Should().Be(messages);
        record.MessagesUnsent.Should().Be(0);
    }

    [Fact]
    public async Task Handler_AwaitsCloseOfItsOwnClient_DoesNotDeadlock()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (client, _, cancellationToken) =>
        {
            await client.WriteAsync("last words", cancellationToken);
            await client.CloseAsync((WebSocketCloseStatus)4000, "done", CloseMode.Drain, cancellationToken);
            closed.SetResult();
        }));
        var peer = await host.ConnectAsync();

        await peer.SendTextAsync("close");

        (await peer.ReceiveTextAsync()).Should().Be("last words");
        (await peer.ReceiveEndAsync()).Should().Be((WebSocketCloseStatus)4000);
        await closed.Task.InTime();
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();
        await host.Callbacks.NextUnregisteredAsync();
    }

    [Fact]
    public async Task Close_ByTheServer_NoFurtherMessageReachesAHandler()
    {
        var handled = Channel.CreateUnbounded<string>();
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage((_, message, _) =>
        {
            handled.Writer.TryWrite(message.GetText());
            return default;
        }));
        var (peer, client) = await host.ConnectPairAsync();

        await client.CloseAsync().InTime();
        await peer.SendTextAsync("too late");
        await peer.CloseAsync();

        (await client.Completion.InTime()).MessagesReceived.Should().Be(1);
        handled.Reader.TryRead(out _).Should().BeFalse();
    }

    [Fact]
    public async Task Handler_PeerVanishesMeanwhile_TokenIsCancelled()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (_, _, cancellationToken) =>
        {
            await using var registration = cancellationToken.Register(cancelled.SetResult);
            began.SetResult();
            await cancelled.Task;
            cancellationToken.ThrowIfCancellationRequested();
        }));
        var (peer, client) = await host.ConnectPairAsync();
        await peer.SendTextAsync("work");
        await began.Task.InTime();

        peer.Abort();

        await cancelled.Task.InTime();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.ConnectionLost);
        host.Logs.Named("HandlerFailed").Should().BeEmpty();
    }

    [Fact]
    public async Task Handler_StuckAndInboundQueueFullWhenThePeerVanishes_ConnectionEndsAfterCloseTimeout()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.MaxInboundMessages = 1;
            endpoint.OnMessage(async (_, _, cancellationToken) =>
            {
                await using var registration = cancellationToken.Register(cancelled.SetResult);
                await cancelled.Task;
            });
        });
        var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        for (var i = 0; i < 10; i++)
            await peer.SendAsync(Opcodes.Text, []);

        // A reset would throw away what has not been read yet.
        peer.HalfClose();
        await host.Clock.AdvanceUntilAsync(cancelled.Task);

        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.ConnectionLost);
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
    }

    [Fact]
    public async Task Handler_NeverEnds_ConnectionEndsAfterCloseTimeout()
    {
        var never = new TaskCompletionSource();
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (_, _, _) => await never.Task));
        var (peer, client) = await host.ConnectPairAsync();
        await peer.SendTextAsync("work");
        await peer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).InTime();

        var waited = await host.Clock.AdvanceUntilAsync(client.Completion);

        waited.Should().BeGreaterThanOrEqualTo(new WebSocketPumpsOptions().CloseTimeout);
        (await host.Callbacks.NextUnregisteredAsync()).Should().BeSameAs(client);
        host.Logs.Named("HandlerStillRunning").Should().ContainSingle().Which.Level.Should().Be(LogLevel.Warning);
    }

    [Fact]
    public async Task Handler_HoldsUpWhatFollows_IsToldWhileItDoes()
    {
        var end = new TaskCompletionSource();
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.OnMessage(async (_, _, _) => await end.Task));
        var (peer, client) = await host.ConnectPairAsync();
        await peer.SendTextAsync("work");
        await peer.SendTextAsync("waits");

        var waited = await host.Clock.AdvanceUntilAsync(host.Logs.FirstAsync("HandlerIsSlow"));

        waited.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
        client.Completion.IsCompleted.Should().BeFalse();
        end.SetResult();
    }

    private static void FailOnRequest(WebSocketPumpsEndpointBuilder endpoint, bool asynchronously) =>
        endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            if (asynchronously)
                await Task.Yield();
            if (message.GetText() == "fail")
                throw new InvalidOperationException("handler failed");
            await client.WriteAsync(message, cancellationToken);
        });
}
