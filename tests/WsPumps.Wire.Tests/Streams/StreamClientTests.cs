using System.Net.WebSockets;
using System.Text;
using WsPumps.Testing;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Streams;

public sealed class StreamClientTests : IDisposable
{
    private readonly RecordingStream _stream = new();

    [Fact]
    public async Task WebSocket_WrittenToBesideItsClient_Throws()
    {
        await using var started = Start();

        var send = () => started.WebSocket.SendAsync("text"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None).InTime();

        (await send.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("Write through IClient");
        _stream.TryTakeWrite(out _).Should().BeFalse();
    }

    [Fact]
    public async Task WebSocket_WithASecondClient_Throws()
    {
        await using var started = Start();

        var second = () => new Client(started.WebSocket);

        second.Should().Throw<InvalidOperationException>().WithMessage("*one client for each connection*");
    }

    [Fact]
    public async Task ProtocolError_OfThePeer_IsToldInTheCloseFrame()
    {
        await using var started = Start();
        await _stream.ReceiveAsync(ClientFrame.Build((WireOpcode)0x7, []));

        var close = await _stream.NextWriteAsync();
        close[..4].Should().Equal(0x88, (byte)(close.Length - 2), 0x03, 0xEA);
        Encoding.UTF8.GetString(close.AsSpan(4)).Should().Be("The opcode is reserved (section 5.2).");
    }

    [Fact]
    public async Task Write_Stalled_IsCutAtTheWriteTimeout()
    {
        var clock = new ManualTimeProvider();
        // Without pings: the clock may run far ahead of the pump, and no pong comes here.
        await using var started = new StreamClient(_stream, new ClientOptions { PingInterval = TimeSpan.Zero }, clock);
        _stream.HoldWrites();
        started.Client.Write("stalls");
        await _stream.NextWriteAsync();

        clock.Advance(TimeSpan.FromSeconds(9));
        started.Client.Completion.IsCompleted.Should().BeFalse();
        // The pump takes the time after it has called the stream, which may be only in a moment: then a second more for each turn.
        await Turns.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return started.Client.Completion.IsCompleted;
        });

        var record = await started.Client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.WriteTimeout);
        record.MessagesUnsent.Should().Be(1);
        await Turns.UntilAsync(() => clock.ActiveTimers == 0);
    }

    [Fact]
    public async Task Read_ManyFramesAtOnce_CostsOneReadOfTheWire()
    {
        var texts = Enumerable.Range(0, 100).Select(number => $"message {number}").ToArray();
        var received = new List<string>();
        await using var started = Receiving(received);

        await _stream.ReceiveAsync([.. texts.SelectMany(text => ClientFrame.Text(text))]);

        received.Should().Equal(texts);
        _stream.ReadSizes.Count(size => size > 0).Should().Be(1);
        _stream.ReadSizes[^1].Should().Be(0, "an idle connection waits without a buffer");
    }

    [Fact]
    public async Task Read_ControlFramesBehindAMessage_WaitsWithoutABuffer()
    {
        var received = new List<string>();
        await using var started = Receiving(received);

        await _stream.ReceiveAsync([.. ClientFrame.Text("message"), .. ClientFrame.Ping("a"u8), .. ClientFrame.Ping("b"u8)]);

        received.Should().Equal("message");
        _stream.ReadSizes[^1].Should().Be(0);
    }

    [Fact]
    public async Task Read_MessageLongerThanWhatIsReadAhead_ArrivesWhole()
    {
        var received = new List<string>();
        var text = new string('x', 20_000);
        await using var started = Receiving(received);

        await _stream.ReceiveAsync([.. ClientFrame.Text("before"), .. ClientFrame.Text(text), .. ClientFrame.Text("after")]);

        received.Select(message => message.Length).Should().Equal(6, 20_000, 5);
        received.Contains(text).Should().BeTrue();
        _stream.ReadSizes[^1].Should().Be(0);
    }

    /// <summary>It is the platform's word for a connection that is gone only once it is known to be gone; before that it hides a fault of ours.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pump_FailsWithAnInvalidOperation_IsAnErrorOfTheServerAndLogged(bool writing)
    {
        var log = new LogRecorder();
        var fault = new InvalidOperationException("It is our fault.");
        await using var started = new StreamClient(_stream, new ClientOptions(), new ManualTimeProvider(), log);

        if (writing)
        {
            _stream.Written = () => throw fault;
            started.Client.Write("hello");
        }
        else
        {
            _stream.Break(fault);
        }

        var record = await started.Client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.ServerError);
        record.Exception.Should().BeSameAs(fault);
        log.Named("PumpFailed").Should().ContainSingle().Which.Exception.Should().BeSameAs(fault);
    }

    [Fact]
    public async Task Pump_FailsWithAnInvalidOperationWhenItEndsAnyway_TheFirstCauseStandsAndNothingIsLogged()
    {
        var log = new LogRecorder();
        await using var started = new StreamClient(_stream, new ClientOptions(), new ManualTimeProvider(), log);
        _ = started.Client.CloseAsync();
        await _stream.NextWriteAsync();

        _stream.Break(new InvalidOperationException("The pipe was completed."));

        (await started.Client.Completion.InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
        log.Named("PumpFailed").Should().BeEmpty();
    }

    public void Dispose() => _stream.Dispose();

    private StreamClient Receiving(List<string> texts) => new(_stream, new ClientOptions(), new ManualTimeProvider(), (_, message, _) =>
    {
        texts.Add(Encoding.UTF8.GetString(message.Payload.Span));
        return default;
    });

    private StreamClient Start() => new(_stream, new ClientOptions(), new ManualTimeProvider());
}
