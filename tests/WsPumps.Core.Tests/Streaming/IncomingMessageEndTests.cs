using System.Net.WebSockets;
using System.Text;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>How a message that is received as a stream ends otherwise than whole.</summary>
public sealed class IncomingMessageEndTests
{
    private static readonly byte[] Bytes = new byte[100_000];

    private readonly TaskCompletionSource<Exception?> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogRecorder _logs = new() { RealTimeLimit = Limit.Time, Wanted = static (_, _) => true };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_OverItsBound_ClosesWith1009AndTheReaderIsTold(bool inOneFrame)
    {
        await using var streaming = Streaming(ReadAllAsync, options: new ClientOptions { MaxStreamSize = 50_000 });
        if (inOneFrame)
        {
            await SendAsync(streaming, WireOpcode.Binary, new byte[50_001]);
        }
        else
        {
            await SendAsync(streaming, WireOpcode.Binary, new byte[40_000], isFinal: false);
            await SendAsync(streaming, WireOpcode.Continuation, new byte[10_001]);
        }

        var close = await streaming.ReadFrameAsync();
        (close.CloseCode, close.CloseReason).Should().Be((1009, "A message may have 50000 bytes."));
        (await _read.Task.InTime()).Should().BeOfType<IOException>();
        await SendAsync(streaming, WireOpcode.Close, [0x03, 0xF1]);
        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.MessageTooBig);
        _logs.EventNames.Should().NotContain("HandlerFailed", "that a read fails then is no fault of the handler");
    }

    [Fact]
    public async Task Message_AtItsBound_IsTaken()
    {
        var received = new Received();
        await using var streaming = Streaming(received.ReadAllAsync, options: new ClientOptions { MaxStreamSize = 50_000 });
        await SendAsync(streaming, WireOpcode.Binary, new byte[50_000]);

        (await received.NextAsync()).Bytes.Should().HaveCount(50_000);
    }

    [Fact]
    public async Task Message_OverMaxMessageSize_IsNoMatter()
    {
        var received = new Received();
        await using var streaming = Streaming(received.ReadAllAsync, options: new ClientOptions { MaxMessageSize = 10 });
        await SendAsync(streaming, WireOpcode.Binary, Bytes);

        (await received.NextAsync()).Bytes.Should().HaveCount(Bytes.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xFF })]
    [InlineData(new byte[] { 0xC3 })]
    public async Task Text_ThatIsNotUtf8_ClosesWith1007(byte[] text)
    {
        await using var streaming = Streaming(ReadAllAsync);
        await SendAsync(streaming, WireOpcode.Text, "good"u8.ToArray(), isFinal: false);
        await SendAsync(streaming, WireOpcode.Continuation, text);

        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1007);
        (await _read.Task.InTime()).Should().BeOfType<IOException>();
    }

    [Fact]
    public async Task Handler_ReturnsEarly_TheRestIsSkippedAndTheNextMessageComes()
    {
        var next = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        await using var streaming = Streaming(async (_, message, _) =>
        {
            if (++count == 1)
                return;

            using var reader = new StreamReader(message.Stream);
            next.TrySetResult(await reader.ReadToEndAsync(CancellationToken.None));
        });
        for (var i = 0; i < 9; i++)
            await SendAsync(streaming, i == 0 ? WireOpcode.Binary : WireOpcode.Continuation, Bytes, isFinal: i == 8);
        await SendAsync(streaming, WireOpcode.Text, "next"u8.ToArray());

        (await next.Task.InTime()).Should().Be("next");
        streaming.Client.Statistics.MessagesReceived.Should().Be(2);
    }

    [Fact]
    public async Task Handler_ReturnsEarlyAndMuchMoreComes_ClosesWith1009()
    {
        await using var streaming = Streaming((_, _, _) => default);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 30; i++)
                await streaming.Peer.WriteAsync(ClientFrame.Build(i == 0 ? WireOpcode.Binary : WireOpcode.Continuation, Bytes, fin: false));
            await streaming.Peer.WriteAsync(ClientFrame.Close(1000));
        });

        var close = await streaming.ReadFrameAsync();
        (close.CloseCode, close.CloseReason).Should().Be((1009, "The rest of the message is not wanted."));
        await sending.InTime();
        (await streaming.EndAsync()).Should().Match<DisconnectRecord>(record => record.Reason == DisconnectReason.MessageTooBig
            && record.BytesReceived < 2 * IncomingMessage.MaxSkipped);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Handler_Throws_ClosesWith1011UnlessItMayGoOn(bool goesOn)
    {
        var received = new Received();
        var count = 0;
        await using var streaming = Streaming(
            (client, message, token) => ++count == 1 ? throw new InvalidOperationException("It failed.") : received.ReadAllAsync(client, message, token),
            options: new ClientOptions { ContinueOnHandlerError = goesOn });
        await SendAsync(streaming, WireOpcode.Text, "one"u8.ToArray());
        (await _logs.FirstAsync("HandlerFailed")).Exception!.Message.Should().Be("It failed.");
        if (goesOn)
        {
            await SendAsync(streaming, WireOpcode.Text, "two"u8.ToArray());
            Encoding.UTF8.GetString((await received.NextAsync()).Bytes).Should().Be("two");
        }
        else
        {
            (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1011);
        }
    }

    [Fact]
    public async Task Connection_LostWithinAMessage_TellsTheReaderAndEnds()
    {
        await using var streaming = Streaming(ReadAllAsync);
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await AskAsync(streaming);
        streaming.Peer.Reset();

        (await _read.Task.InTime()).Should().BeOfType<IOException>();
        (await streaming.EndAsync()).Should().Match<DisconnectRecord>(record => record.Reason == DisconnectReason.ConnectionLost && record.MessagesReceived == 0);
    }

    [Fact]
    public async Task Peer_ClosesWithinAMessage_TellsTheReaderAndIsAnswered()
    {
        await using var streaming = Streaming(ReadAllAsync);
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await SendAsync(streaming, WireOpcode.Close, [0x03, 0xE9]);

        (await _read.Task.InTime()).Should().BeOfType<IOException>();
        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1001);
        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.PeerClosed);
    }

    [Fact]
    public async Task Close_WhileTheHandlerDoesNotRead_IsCarriedOutAndThePeersAnswerIsSeen()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming(async (client, message, token) =>
        {
            await release.Task;
            await ReadAllAsync(client, message, token);
        });
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 30; i++)
                await streaming.Peer.WriteAsync(ClientFrame.Build(i == 0 ? WireOpcode.Binary : WireOpcode.Continuation, Bytes, fin: false));
            await streaming.Peer.WriteAsync(ClientFrame.Close(4000));
        });
        using (var limit = new CancellationTokenSource(Limit.Time))
        {
            while (streaming.Client.Statistics.BytesReceived < IncomingMessage.MaxBuffered / 2)
                await Task.Delay(20, limit.Token);
        }

        await streaming.Client.CloseAsync((WebSocketCloseStatus)4000).InTime();
        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(4000);
        await sending.InTime();
        release.SetResult();
        (await streaming.EndAsync()).Should().Match<DisconnectRecord>(record => record.Reason == DisconnectReason.LocalClosed && record.PeerStatus == (WebSocketCloseStatus)4000);
        (await _read.Task.InTime()).Should().BeOfType<IOException>("nobody is to have the rest");
    }

    [Fact]
    public async Task Abort_WhileTheHandlerReads_EndsItsRead()
    {
        await using var streaming = Streaming(ReadAllAsync);
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await AskAsync(streaming);
        streaming.Client.Abort();

        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.Aborted);
        (await _read.Task.InTime()).Should().BeOfType<IOException>();
    }

    [Fact]
    public async Task Peer_SendsNothingOfAMessageForTheTimeout_ClosesWith1008()
    {
        var clock = new ManualTimeProvider();
        await using var streaming = Streaming(ReadAllAsync, clock);
        for (var i = 0; i < 5; i++)
        {
            await SendAsync(streaming, i == 0 ? WireOpcode.Binary : WireOpcode.Continuation, Bytes, isFinal: false);
            await AskAsync(streaming);
            clock.Advance(TimeSpan.FromSeconds(20));
        }

        // In short steps: the clock runs on while the close is on its way. The peer does not answer it, so that it may.
        var closing = streaming.ReadFrameAsync();
        await clock.AdvanceUntil(closing, TimeSpan.FromSeconds(0.1));
        (await closing).CloseCode.Should().Be(1008);
        var ending = streaming.EndAsync();
        await clock.AdvanceUntil(ending, TimeSpan.FromSeconds(1));
        (await ending).Reason.Should().Be(DisconnectReason.MessageTimeout);
        (await _read.Task.InTime()).Should().BeOfType<IOException>();
    }

    [Fact]
    public async Task Handler_TakesItsTime_IsNotThePeersFault()
    {
        var clock = new ManualTimeProvider();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming(
            async (client, message, token) =>
            {
                await release.Task;
                await ReadAllAsync(client, message, token);
            },
            clock);
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await SendAsync(streaming, WireOpcode.Continuation, Bytes);
        using (var limit = new CancellationTokenSource(Limit.Time))
        {
            while (streaming.Client.Statistics.BytesReceived < IncomingMessage.MaxBuffered)
                await Task.Delay(20, limit.Token);
        }

        clock.Advance(TimeSpan.FromMinutes(5));
        release.SetResult();
        (await _read.Task.InTime()).Should().BeNull();
    }

    [Fact]
    public async Task Rate_OfBytes_AppliesToStreams()
    {
        await using var streaming = Streaming(ReadAllAsync, options: new ClientOptions { MaxBytesPerSecond = 10_000, RateBurst = TimeSpan.FromSeconds(1) });
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await SendAsync(streaming, WireOpcode.Continuation, Bytes, isFinal: false);

        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1008);
        (await _read.Task.InTime()).Should().BeOfType<IOException>();
    }

    private StreamingClient Streaming(MessageStreamHandler handler, TimeProvider? time = null, ClientOptions? options = null) =>
        new(settings: new ClientSettings { OnMessageStream = handler, TimeProvider = time, Options = options, Logger = _logs });

    private async ValueTask ReadAllAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await message.Stream.CopyToAsync(Stream.Null, CancellationToken.None);
            _read.TrySetResult(null);
        }
        catch (Exception exception)
        {
            _read.TrySetResult(exception);
            throw;
        }
    }

    /// <summary>What was sent before has been read when the answer is there.</summary>
    private static async Task AskAsync(StreamingClient streaming)
    {
        await SendAsync(streaming, WireOpcode.Ping, []);
        (await streaming.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Pong);
    }

    private static Task SendAsync(StreamingClient streaming, WireOpcode opcode, byte[] payload, bool isFinal = true) =>
        streaming.Peer.WriteAsync(ClientFrame.Build(opcode, payload, fin: isFinal)).InTime();
}
