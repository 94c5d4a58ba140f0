using System.Net.WebSockets;
using WsPumps.Core.Tests.Wire;

namespace WsPumps.Core.Tests;

/// <summary>What a <see cref="StreamWebSocket"/> does beyond the contract of the runtime's, or better.</summary>
public sealed class StreamWebSocketTests
{
    private static readonly byte[] Buffer = new byte[100];

    [Fact]
    public async Task Receive_PartOfAFrame_GivesWhatHasCome()
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        var frame = ClientFrame.Text("0123456789");
        await test.SendAsync(frame[..^4]);

        (await test.ReceiveAsync(Buffer)).Should().BeEquivalentTo(new { Count = 6, EndOfMessage = false });
        await test.SendAsync(frame[^4..]);
        (await test.ReceiveAsync(Buffer)).Should().BeEquivalentTo(new { Count = 4, EndOfMessage = true });
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Receive_ShortFrameWithoutAMask_IsRefusedBeforeMoreHasCome(int length)
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        var receiving = test.ReceiveAsync(Buffer);
        await test.SendAsync(ClientFrame.Build(WireOpcode.Text, new byte[length - 2], mask: null));

        (await test.ReadFrameAsync()).CloseCode.Should().Be(1002);
        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<WebSocketException>();
    }

    [Fact]
    public async Task Receive_WrongTextInsideAFrame_IsRefusedBeforeTheRestHasCome()
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        var receiving = test.ReceiveAsync(Buffer);
        await test.SendAsync(ClientFrame.Build(WireOpcode.Text, [0x61, 0xF4, 0x90, .. new byte[1000]])[..11]);

        (await test.ReadFrameAsync()).CloseCode.Should().Be(1007);
        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<WebSocketException>();
    }

    [Fact]
    public async Task Receive_TenPingsAtOnce_AreAllAnswered()
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        await test.SendAsync([.. Enumerable.Range(0, 10).Select(i => ClientFrame.Ping([(byte)i])), ClientFrame.Text("text")]);
        await test.ReceiveMessageAsync();

        for (byte i = 0; i < 10; i++)
            (await test.ReadFrameAsync()).Payload.Should().Equal(i);
    }

    [Fact]
    public async Task Receive_PingsWhileAWriteStalls_GoesOnAndAnswersTheLatestSixteen()
    {
        using var test = new SocketUnderTest(SocketKind.Ours, room: 100);
        var sending = test.SendMessageAsync(new string('x', 1000));
        for (byte i = 0; i < 30; i++)
        {
            var receiving = test.ReceiveMessageAsync();
            await test.SendAsync(ClientFrame.Ping([i]), ClientFrame.Text("text"));
            await receiving;
        }

        (await test.ReadFrameAsync()).Payload.Should().HaveCount(1000);
        for (byte i = 14; i < 30; i++)
        {
            var pong = await test.ReadFrameAsync();
            (pong.Opcode, pong.Payload[0]).Should().Be((WireOpcode.Pong, i));
        }

        await sending;
    }

    [Fact]
    public async Task Receive_PingBehindOurClose_IsNotAnswered()
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        await test.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();
        await test.SendAsync(ClientFrame.Ping(), ClientFrame.Close(1000));
        await test.ReceiveAsync(Buffer);

        (await test.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Close);
        test.Socket.Dispose();
        (await test.ReadFrameOrEndAsync()).Should().BeNull();
    }

    [Fact]
    public async Task Close_WithAnEmptyStatus_HasNoBody()
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        await test.Socket.CloseOutputAsync(WebSocketCloseStatus.Empty, null, CancellationToken.None).InTime();

        (await test.ReadFrameAsync()).Payload.Should().BeEmpty();
    }

    [Fact]
    public async Task DisposeAsync_AfterABrokenRule_WaitsForThePeersClose()
    {
        using var test = new SocketUnderTest(SocketKind.Ours);
        await test.SendAsync(ClientFrame.Build((WireOpcode)0x3, "text"u8), ClientFrame.Text("more"));
        await ((Func<Task>)(() => test.ReceiveAsync(Buffer))).Should().ThrowAsync<WebSocketException>();

        var disposing = ((StreamWebSocket)test.Socket).DisposeAsync().AsTask();
        disposing.IsCompleted.Should().BeFalse();
        await test.SendAsync(ClientFrame.Binary(new byte[100_000]), ClientFrame.Close(1002));
        await disposing.InTime();
        (await test.ReadFrameAsync()).CloseCode.Should().Be(1002);
        (await test.ReadFrameOrEndAsync()).Should().BeNull();
    }

    [Fact]
    public async Task DisposeAsync_PeerNeverCloses_EndsAfterTheCloseTimeout()
    {
        var clock = new ManualTimeProvider();
        using var test = new SocketUnderTest(SocketKind.Ours, options: new StreamWebSocketOptions { TimeProvider = clock, CloseTimeout = TimeSpan.FromSeconds(3) });
        await test.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();
        var disposing = ((StreamWebSocket)test.Socket).DisposeAsync().AsTask();

        clock.Advance(TimeSpan.FromSeconds(2.9));
        await Task.Yield();
        disposing.IsCompleted.Should().BeFalse();
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await disposing.InTime();
        clock.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task Receive_BrokenRuleWhileAWriteStalls_EndsAfterTheCloseTimeout()
    {
        var clock = new ManualTimeProvider();
        using var test = new SocketUnderTest(SocketKind.Ours, room: 100, new StreamWebSocketOptions { TimeProvider = clock, CloseTimeout = TimeSpan.FromSeconds(3) });
        var sending = test.SendMessageAsync(new string('x', 1000));
        await test.SendAsync(ClientFrame.Build((WireOpcode)0x3, "text"u8));
        var receiving = test.ReceiveAsync(Buffer);

        await clock.AdvanceUntil(Task.WhenAny(receiving), TimeSpan.FromSeconds(1));
        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<WebSocketException>();
        await ((Func<Task>)(() => sending)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Abort_CallsWhoMadeTheConnection()
    {
        var aborts = 0;
        using var test = new SocketUnderTest(SocketKind.Ours, options: new StreamWebSocketOptions { Abort = () => aborts++, LeaveOpen = true });
        test.Socket.Abort();
        test.Socket.Dispose();

        aborts.Should().Be(1);
        test.Stream.FinishWriting();
        (await test.ReadFrameOrEndAsync()).Should().BeNull("the stream was left open");
    }

    /// <summary>The server is the runtime's: it refuses frames without a mask.</summary>
    [Fact]
    public async Task Client_TalksToAServer()
    {
        var (one, other) = DuplexStream.Pair();
        using var server = WebSocket.CreateFromStream(other, new WebSocketCreationOptions { IsServer = true });
        await using var client = new StreamWebSocket(one, new StreamWebSocketOptions { IsServer = false, SubProtocol = "chat" });
        client.SubProtocol.Should().Be("chat");

        var payload = new byte[70_000];
        new Random(1).NextBytes(payload);
        await client.SendAsync(payload.AsMemory(), WebSocketMessageType.Binary, true, CancellationToken.None).InTime();
        var buffer = new byte[100_000];
        var received = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await server.ReceiveAsync(buffer.AsMemory(received), CancellationToken.None).InTime();
            received += result.Count;
        }
        while (!result.EndOfMessage);
        buffer.AsSpan(0, received).SequenceEqual(payload).Should().BeTrue();

        await server.SendAsync("text"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None).InTime();
        (await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).InTime()).Count.Should().Be(4);

        var closing = client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
        (await server.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).InTime()).MessageType.Should().Be(WebSocketMessageType.Close);
        await server.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "yes", CancellationToken.None).InTime();
        server.Dispose();
        await closing.InTime();
        client.CloseStatusDescription.Should().Be("yes");
    }

    [Fact]
    public async Task Client_MaskedFrameOfTheServer_IsRefused()
    {
        var (one, other) = DuplexStream.Pair();
        await using var client = new StreamWebSocket(one, new StreamWebSocketOptions { IsServer = false });
        await other.WriteAsync(ClientFrame.Text("masked"));

        var receive = () => client.ReceiveAsync(Buffer.AsMemory(), CancellationToken.None).InTime();

        (await receive.Should().ThrowAsync<WebSocketException>()).Which.Message.Should().Contain("5.1");
        other.FinishWriting();
    }
}
