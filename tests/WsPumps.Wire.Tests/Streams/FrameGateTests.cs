using System.Net.WebSockets;
using System.Text;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Streams;

public sealed class FrameGateTests : IDisposable
{
    private readonly RecordingStream _stream = new();

    [Fact]
    public async Task Gate_WithoutClient_PassesEverything()
    {
        await using var gate = new FrameGate(_stream, _stream.Break);
        using var webSocket = WebSocket.CreateFromStream(gate, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });

        await webSocket.SendAsync("text"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None).InTime();
        (await _stream.NextWriteAsync())[0].Should().Be(0x81);
        var buffer = new byte[10];
        var receiving = webSocket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask();
        await _stream.ReceiveAsync([.. ClientFrame.Ping("ping"u8), .. ClientFrame.Text("back")]);
        (await receiving.InTime()).Count.Should().Be(4);
        (await _stream.NextWriteAsync())[0].Should().Be(0x8A);
        await webSocket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).InTime();
        (await _stream.NextWriteAsync())[0].Should().Be(0x88);
        gate.IsFailing.Should().BeFalse();
    }

    [Fact]
    public async Task WebSocket_WrittenToBesideItsClient_Throws()
    {
        await using var gated = Start();

        var send = () => gated.WebSocket.SendAsync("text"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None).InTime();

        var failure = await send.Should().ThrowAsync<Exception>();
        (failure.Which.InnerException ?? failure.Which).Should().BeOfType<InvalidOperationException>().Which.Message.Should().Contain("Write through IClient");
        _stream.TryTakeWrite(out _).Should().BeFalse();
    }

    [Fact]
    public async Task Gate_WithASecondClient_Throws()
    {
        await using var gated = Start();

        var second = () => new Client(gated.WebSocket, new ClientSettings { Gate = gated.Gate });

        second.Should().Throw<InvalidOperationException>().WithMessage("*one client for each connection*");
    }

    [Fact]
    public async Task ProtocolError_OfThePeer_MarksTheGateAndWritesTheCloseFrame()
    {
        await using var gated = Start();
        await _stream.ReceiveAsync(ClientFrame.Build((WireOpcode)0x7, []));

        (await _stream.NextWriteAsync()).Should().Equal(0x88, 2, 0x03, 0xEA);
        gated.Gate.IsFailing.Should().BeTrue();
    }

    [Fact]
    public async Task Write_Stalled_IsCutAtTheWriteTimeout()
    {
        var clock = new ManualTimeProvider();
        await using var gated = new GatedClient(_stream, new ClientOptions(), clock);
        _stream.HoldWrites();
        gated.Client.Write("stalls");
        await _stream.NextWriteAsync();

        clock.Advance(TimeSpan.FromSeconds(9));
        gated.Client.Completion.IsCompleted.Should().BeFalse();
        // The pump takes the time after it has called the stream, which may be only in a moment: then a second more for each turn.
        await Turns.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return gated.Client.Completion.IsCompleted;
        });

        var record = await gated.Client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.WriteTimeout);
        record.MessagesUnsent.Should().Be(1);
        await Turns.UntilAsync(() => clock.ActiveTimers == 0);
    }

    [Fact]
    public async Task Read_ManyFramesAtOnce_CostsOneReadOfTheWire()
    {
        var texts = Enumerable.Range(0, 100).Select(number => $"message {number}").ToArray();
        var received = new List<string>();
        await using var gated = Receiving(received);

        await _stream.ReceiveAsync([.. texts.SelectMany(text => ClientFrame.Text(text))]);

        received.Should().Equal(texts);
        _stream.ReadSizes.Count(size => size > 0).Should().Be(1);
        _stream.ReadSizes[^1].Should().Be(0, "an idle connection waits without a buffer");
    }

    [Fact]
    public async Task Read_ControlFramesBehindAMessage_WaitsWithoutABuffer()
    {
        var received = new List<string>();
        await using var gated = Receiving(received);

        await _stream.ReceiveAsync([.. ClientFrame.Text("message"), .. ClientFrame.Ping("a"u8), .. ClientFrame.Ping("b"u8)]);

        received.Should().Equal("message");
        _stream.ReadSizes[^1].Should().Be(0);
    }

    [Fact]
    public async Task Read_MessageLongerThanWhatIsReadAhead_ArrivesWhole()
    {
        var received = new List<string>();
        var text = new string('x', 20_000);
        await using var gated = Receiving(received);

        await _stream.ReceiveAsync([.. ClientFrame.Text("before"), .. ClientFrame.Text(text), .. ClientFrame.Text("after")]);

        received.Select(message => message.Length).Should().Equal(6, 20_000, 5);
        received.Contains(text).Should().BeTrue();
        _stream.ReadSizes[^1].Should().Be(0);
    }

    public void Dispose() => _stream.Dispose();

    private GatedClient Receiving(List<string> texts) => new(_stream, new ClientOptions(), new ManualTimeProvider(), (_, message, _) =>
    {
        texts.Add(Encoding.UTF8.GetString(message.Payload.Span));
        return default;
    });

    private GatedClient Start() => new(_stream, new ClientOptions(), new ManualTimeProvider());
}
