using System.Net.WebSockets;
using WsPumps.Core.Tests.Wire;

namespace WsPumps.Core.Tests;

/// <summary>What code that was written for the runtime's WebSocket relies on: each test runs against that one and against ours.</summary>
public sealed class WebSocketContractTests
{
    private static readonly byte[] Buffer = new byte[100];

    [Theory, EachKind]
    public async Task Receive_Message_GivesTypePayloadAndEnd(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Text("text"), ClientFrame.Binary([1, 2, 3]));

        var buffer = new byte[100];
        (await test.ReceiveAsync(buffer)).Should().BeEquivalentTo(new { Count = 4, MessageType = WebSocketMessageType.Text, EndOfMessage = true });
        buffer.AsSpan(0, 4).SequenceEqual("text"u8).Should().BeTrue();
        var result = await test.Socket.ReceiveAsync(new ArraySegment<byte>(buffer, 10, 50), CancellationToken.None).InTime();
        (result.Count, result.MessageType, result.EndOfMessage).Should().Be((3, WebSocketMessageType.Binary, true));
        buffer[10..13].Should().Equal(1, 2, 3);
    }

    [Theory, EachKind]
    public async Task Receive_IntoASmallBuffer_GivesTheMessageInParts(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Text("0123456789"));

        var parts = new List<(int, bool)>();
        var buffer = new byte[4];
        do
        {
            var part = await test.ReceiveAsync(buffer);
            parts.Add((part.Count, part.EndOfMessage));
        }
        while (!parts[^1].Item2);
        parts.Should().Equal((4, false), (4, false), (2, true));
    }

    [Theory, EachKind]
    public async Task Receive_OfNoBytes_WaitsForAMessageAndLeavesIt(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        var waiting = test.Socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).AsTask();
        waiting.IsCompleted.Should().BeFalse();

        await test.SendAsync(ClientFrame.Text("text"));
        (await waiting.InTime()).Should().BeEquivalentTo(new { Count = 0, MessageType = WebSocketMessageType.Text, EndOfMessage = false });
        (await test.ReceiveMessageAsync()).Payload.Should().Equal("text"u8.ToArray());
    }

    [Theory, EachKind]
    public async Task Receive_OfNoBytes_TakesAnEmptyMessage(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Binary([]), ClientFrame.Text("next"));

        (await test.ReceiveAsync(Memory<byte>.Empty)).Should().BeEquivalentTo(new { Count = 0, MessageType = WebSocketMessageType.Binary, EndOfMessage = true });
        (await test.ReceiveMessageAsync()).Payload.Should().Equal("next"u8.ToArray());
    }

    [Theory, EachKind]
    public async Task Receive_PingBeforeAMessage_IsAnswered(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Ping("ping"u8), ClientFrame.Pong("nobody asked"u8), ClientFrame.Text("text"));

        (await test.ReceiveMessageAsync()).Payload.Should().Equal("text"u8.ToArray());
        var pong = await test.ReadFrameAsync();
        (pong.Opcode, pong.Text).Should().Be((WireOpcode.Pong, "ping"));
    }

    [Theory, EachKind]
    public async Task Send_Message_IsOneFrame(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        foreach (var length in new[] { 0, 1, 125, 126, 65_535, 65_536 })
        {
            var payload = new byte[length];
            new Random(length).NextBytes(payload);
            await test.Socket.SendAsync(new ArraySegment<byte>(payload), WebSocketMessageType.Binary, true, CancellationToken.None).InTime();

            var frame = await test.ReadFrameAsync();
            (frame.Opcode, frame.Fin).Should().Be((WireOpcode.Binary, true));
            frame.Payload.AsSpan().SequenceEqual(payload).Should().BeTrue();
        }
    }

    [Theory, EachKind]
    public async Task Send_InParts_IsFragmented(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.Socket.SendAsync("one"u8.ToArray().AsMemory(), WebSocketMessageType.Text, false, CancellationToken.None).InTime();
        await test.Socket.SendAsync("two"u8.ToArray().AsMemory(), WebSocketMessageType.Text, WebSocketMessageFlags.None, CancellationToken.None).InTime();
        await test.Socket.SendAsync("end"u8.ToArray().AsMemory(), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None).InTime();
        await test.SendMessageAsync("next");

        (await FramesAsync(test, 4)).Should().Equal(
            (WireOpcode.Text, false, "one"), (WireOpcode.Continuation, false, "two"), (WireOpcode.Continuation, true, "end"), (WireOpcode.Text, true, "next"));
    }

    [Theory, EachKind]
    public async Task Send_ManyAtOnce_AreWrittenWhole(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => test.SendMessageAsync(new string((char)('A' + (i % 26)), 1000 + i))))).InTime();

        var texts = (await FramesAsync(test, 50)).Select(frame => frame.Item3).ToArray();
        texts.Select(text => text.Length).Should().BeEquivalentTo(Enumerable.Range(1000, 50));
        texts.Should().OnlyContain(text => text.Distinct().Count() == 1);
    }

    [Theory, EachKind]
    public async Task Send_Close_IsRefused(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);

        var send = () => test.Socket.SendAsync(Buffer.AsMemory(), WebSocketMessageType.Close, true, CancellationToken.None).AsTask();

        await send.Should().ThrowAsync<ArgumentException>();
        test.Socket.State.Should().Be(WebSocketState.Open);
    }

    [Theory, EachKind]
    public async Task Receive_CloseFrame_IsReportedAndNotAnswered(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Close(4001, "bye"));

        var result = await test.Socket.ReceiveAsync(new ArraySegment<byte>(Buffer), CancellationToken.None).InTime();
        (result.MessageType, result.Count, result.EndOfMessage).Should().Be((WebSocketMessageType.Close, 0, true));
        ((int?)result.CloseStatus, result.CloseStatusDescription).Should().Be((4001, "bye"));
        ((int?)test.Socket.CloseStatus, test.Socket.CloseStatusDescription).Should().Be((4001, "bye"));
        test.Socket.State.Should().Be(WebSocketState.CloseReceived);

        await test.SendMessageAsync("still open in this direction");
        await test.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "answer", CancellationToken.None).InTime();
        test.Socket.State.Should().Be(WebSocketState.Closed);
        var frames = await FramesAsync(test, 1);
        frames[0].Item3.Should().Be("still open in this direction");
        (await test.ReadFrameAsync()).CloseReason.Should().Be("answer");
    }

    [Theory, EachKind]
    public async Task Receive_CloseFrameWithoutACode_CountsAsNormal(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Close());

        (await test.ReceiveAsync(Buffer)).MessageType.Should().Be(WebSocketMessageType.Close);
        (test.Socket.CloseStatus, test.Socket.CloseStatusDescription).Should().Be((WebSocketCloseStatus.NormalClosure, ""));
    }

    [Theory, EachKind]
    public async Task Receive_AfterTheCloseFrame_IsRefused(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.SendAsync(ClientFrame.Close(1000), ClientFrame.Text("behind"));
        await test.ReceiveAsync(Buffer);

        await Refused(() => test.ReceiveAsync(Buffer));
    }

    [Theory, EachKind]
    public async Task CloseOutput_ThenReceive_GoesOnUntilThePeerCloses(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        await test.Socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, CancellationToken.None).InTime();
        test.Socket.State.Should().Be(WebSocketState.CloseSent);
        await Refused(() => test.SendMessageAsync("too late"));
        await Refused(() => test.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None));

        await test.SendAsync(ClientFrame.Text("late"), ClientFrame.Close(1001));
        (await test.ReceiveMessageAsync()).Payload.Should().Equal("late"u8.ToArray());
        (await test.ReceiveAsync(Buffer)).MessageType.Should().Be(WebSocketMessageType.Close);
        test.Socket.State.Should().Be(WebSocketState.Closed);
        (await test.ReadFrameAsync()).CloseCode.Should().Be(1001);
    }

    [Theory, EachKind]
    public async Task CloseAsync_ReadsPastMessagesToThePeersClose(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        var closing = test.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None);
        (await test.ReadFrameAsync()).CloseReason.Should().Be("done");
        closing.IsCompleted.Should().BeFalse();

        await test.SendAsync(ClientFrame.Text("late"), ClientFrame.Binary(new byte[20_000]), ClientFrame.Close(1000, "yes"));
        await closing.InTime();
        test.Socket.State.Should().Be(WebSocketState.Closed);
        test.Socket.CloseStatusDescription.Should().Be("yes");
    }

    [Theory, EachKind]
    public async Task CloseAsync_BesideAReceive_EndsBoth(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        var receiving = test.ReceiveAsync(new byte[10]);
        var closing = test.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await test.ReadFrameAsync();
        await test.SendAsync(ClientFrame.Close(1000));

        (await receiving).MessageType.Should().Be(WebSocketMessageType.Close);
        await closing.InTime();
        test.Socket.State.Should().Be(WebSocketState.Closed);
    }

    [Theory, EachKind]
    public async Task Close_ArgumentsThatCannotBeSent_AreRefused(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        foreach (var close in new Func<Task>[]
        {
            () => test.Socket.CloseOutputAsync((WebSocketCloseStatus)999, null, CancellationToken.None),
            () => test.Socket.CloseOutputAsync((WebSocketCloseStatus)1006, null, CancellationToken.None),
            () => test.Socket.CloseOutputAsync((WebSocketCloseStatus)1015, null, CancellationToken.None),
            () => test.Socket.CloseOutputAsync(WebSocketCloseStatus.Empty, "a reason without a code", CancellationToken.None),
            () => test.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, new string('ä', 62), CancellationToken.None),
        })
        {
            await close.Should().ThrowAsync<ArgumentException>();
        }

        test.Socket.State.Should().Be(WebSocketState.Open);
    }

    [Theory, EachKind]
    public async Task Receive_EndOfStream_IsAPrematureEnd(SocketKind kind)
    {
        foreach (var bytes in new byte[][] { [], [0x81], ClientFrame.Text("cut")[..7] })
        {
            using var test = new SocketUnderTest(kind);
            await test.SendAsync(bytes);
            test.Peer.FinishWriting();

            await Fails(() => test.ReceiveMessageAsync(), WebSocketError.ConnectionClosedPrematurely);
            test.Socket.State.Should().Be(WebSocketState.Aborted);
            await Refused(() => test.ReceiveAsync(Buffer));
            await Refused(() => test.SendMessageAsync("too late"));
        }
    }

    [Theory, EachKind]
    public async Task Receive_Reset_IsAPrematureEnd(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        var receiving = test.ReceiveAsync(Buffer);
        test.Peer.Reset();

        await Fails(() => receiving, WebSocketError.ConnectionClosedPrematurely);
        test.Socket.State.Should().Be(WebSocketState.Aborted);
    }

    [Theory, EachKind]
    public async Task Receive_BrokenRule_IsToldAndFails(SocketKind kind)
    {
        foreach (var (frame, code) in new[]
        {
            (ClientFrame.Build(WireOpcode.Text, "text"u8, reservedBits: 4), 1002),
            (ClientFrame.Build(WireOpcode.Text, [0xC0, 0x80]), 1007),
        })
        {
            using var test = new SocketUnderTest(kind);
            await test.SendAsync(frame);

            await Fails(() => test.ReceiveMessageAsync(), WebSocketError.Faulted);
            (await test.ReadFrameAsync()).CloseCode.Should().Be(code);
            test.Socket.State.Should().Be(WebSocketState.Aborted);
            await Refused(() => test.ReceiveAsync(Buffer));
        }
    }

    [Theory, EachKind]
    public async Task Receive_Cancelled_AbortsTheConnection(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        using var cancelled = new CancellationTokenSource();
        var receiving = test.ReceiveAsync(Buffer, cancelled.Token);
        await cancelled.CancelAsync();

        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<OperationCanceledException>();
        test.Socket.State.Should().Be(WebSocketState.Aborted);
        await ((Func<Task>)(() => test.SendMessageAsync("gone"))).Should().ThrowAsync<WebSocketException>();
    }

    [Theory, EachKind]
    public async Task Send_CancelledBeforehand_WritesNothing(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);

        await ((Func<Task>)(() => test.SendMessageAsync("never", new CancellationToken(canceled: true)))).Should().ThrowAsync<OperationCanceledException>();

        test.Socket.State.Should().Be(WebSocketState.Open);
        await test.SendMessageAsync("next");
        (await test.ReadFrameAsync()).Text.Should().Be("next");
    }

    [Theory, EachKind]
    public async Task Send_CancelledWhileItIsWritten_AbortsTheConnection(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind, room: 100);
        using var cancelled = new CancellationTokenSource();
        var sending = test.SendMessageAsync(new string('x', 1000), cancelled.Token);
        sending.IsCompleted.Should().BeFalse();
        await cancelled.CancelAsync();

        await ((Func<Task>)(() => sending)).Should().ThrowAsync<OperationCanceledException>();
        test.Socket.State.Should().Be(WebSocketState.Aborted);
    }

    [Theory, EachKind]
    public async Task Send_CancelledWhileAnotherIsWritten_LeavesTheConnectionOpen(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind, room: 100);
        using var cancelled = new CancellationTokenSource();
        var sending = test.SendMessageAsync(new string('x', 1000));
        var waiting = test.SendMessageAsync("never", cancelled.Token);
        await cancelled.CancelAsync();

        await ((Func<Task>)(() => waiting)).Should().ThrowAsync<OperationCanceledException>();
        test.Socket.State.Should().Be(WebSocketState.Open);
        (await test.ReadFrameAsync()).Payload.Should().HaveCount(1000);
        await sending;
    }

    [Theory, EachKind]
    public async Task Abort_EndsAReceive(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        var receiving = test.ReceiveAsync(Buffer);
        test.Socket.Abort();

        await ((Func<Task>)(() => receiving)).Should().ThrowAsync<OperationCanceledException>();
        test.Socket.State.Should().Be(WebSocketState.Aborted);
        await Refused(() => test.SendMessageAsync("gone"));
    }

    [Theory, EachKind]
    public async Task Dispose_ClosesTheStreamAndRefusesEverything(SocketKind kind)
    {
        using var test = new SocketUnderTest(kind);
        test.Socket.Dispose();
        test.Socket.Dispose();

        test.Socket.State.Should().Be(WebSocketState.Closed);
        await Refused(() => test.ReceiveAsync(Buffer));
        await Refused(() => test.SendMessageAsync("gone"));
        (await test.ReadFrameOrEndAsync()).Should().BeNull();
    }

    private static async Task<List<(WireOpcode, bool, string)>> FramesAsync(SocketUnderTest test, int count)
    {
        var frames = new List<(WireOpcode, bool, string)>();
        while (frames.Count < count)
        {
            var frame = await test.ReadFrameAsync();
            frames.Add((frame.Opcode, frame.Fin, frame.Text));
        }

        return frames;
    }

    private static Task Refused(Func<Task> operation) => Fails(operation, WebSocketError.InvalidState);

    private static async Task Fails(Func<Task> operation, WebSocketError error) =>
        (await operation.Should().ThrowAsync<WebSocketException>()).Which.WebSocketErrorCode.Should().Be(error);
}
