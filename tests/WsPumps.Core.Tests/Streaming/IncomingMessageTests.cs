using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using WsPumps.Core.Tests.Compression;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>Messages that are received while they arrive.</summary>
public sealed class IncomingMessageTests
{
    private static readonly byte[] Bytes = RandomBytes(300_000);

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(70_000)]
    [InlineData(300_000)]
    public async Task Message_InFramesOfAnySize_ComesAsItWas(int frame)
    {
        var received = new Received();
        await using var streaming = Streaming(received.ReadAllAsync);
        foreach (var (part, isLast) in Parts(Bytes[..Math.Min(Bytes.Length, frame * 1000)], frame))
            await SendAsync(streaming, part.Opcode, part.Payload, isLast);
        (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Binary, Bytes[..Math.Min(Bytes.Length, frame * 1000)]));

        await SendAsync(streaming, WireOpcode.Text, "next"u8.ToArray());
        (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Text, "next"u8.ToArray()));
        streaming.Client.Statistics.MessagesReceived.Should().Be(2);
        streaming.Client.Statistics.BytesReceived.Should().Be(Math.Min(Bytes.Length, frame * 1000) + 4);
    }

    [Fact]
    public async Task Message_Empty_IsAStreamOfNothing()
    {
        var received = new Received();
        await using var streaming = Streaming(received.ReadAllAsync);
        await SendAsync(streaming, WireOpcode.Text, []);
        await SendAsync(streaming, WireOpcode.Binary, [], isFinal: false);
        await SendAsync(streaming, WireOpcode.Continuation, []);

        (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Text, Array.Empty<byte>()));
        (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Binary, Array.Empty<byte>()));
    }

    [Fact]
    public async Task Message_BeforeItsEnd_IsReadAsFarAsItHasCome()
    {
        var read = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming(async (_, message, _) =>
        {
            var buffer = new byte[100];
            var count = await message.Stream.ReadAsync(buffer, CancellationToken.None);
            read.TrySetResult(Encoding.UTF8.GetString(buffer, 0, count));
            await message.Stream.CopyToAsync(Stream.Null, CancellationToken.None);
        });
        await SendAsync(streaming, WireOpcode.Text, "first"u8.ToArray(), isFinal: false);

        (await read.Task.InTime()).Should().Be("first");
        await SendAsync(streaming, WireOpcode.Ping, "?"u8.ToArray());
        (await streaming.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Pong);
        streaming.Client.Statistics.MessagesReceived.Should().Be(0);
    }

    [Fact]
    public async Task Handler_ThatBlocksItsThread_GetsAll()
    {
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming((_, message, _) =>
        {
            using var bytes = new MemoryStream();
            message.Stream.CopyTo(bytes);
            received.SetResult(bytes.ToArray());
            return default;
        });
        await SendAsync(streaming, WireOpcode.Binary, Bytes);

        (await received.Task.InTime()).Should().Equal(Bytes);
    }

    [Fact]
    public async Task Messages_OfAnotherType_ReachTheOrdinaryHandlers()
    {
        var (received, whole) = (new Received(), new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        var settings = new ClientSettings { OnMessageStream = received.ReadAllAsync, StreamedType = WebSocketMessageType.Binary };
        await using var streaming = new StreamingClient(settings: settings, handler: (_, message, _) =>
        {
            whole.TrySetResult(message.GetText());
            return default;
        });
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await SendAsync(streaming, WireOpcode.Continuation, Bytes);
        await SendAsync(streaming, WireOpcode.Text, "whole"u8.ToArray());

        (await received.NextAsync()).Bytes.Should().Equal([.. Bytes, .. Bytes]);
        (await whole.Task.InTime()).Should().Be("whole");
    }

    [Fact]
    public async Task Handler_OfTheMessageBefore_EndsFirst()
    {
        var (begun, order) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new List<string>());
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming(async (_, message, _) =>
        {
            using var reader = new StreamReader(message.Stream);
            var text = await reader.ReadToEndAsync(CancellationToken.None);
            order.Add($"{text} begins");
            if (text == "1")
            {
                begun.SetResult();
                await release.Task;
            }

            order.Add($"{text} ends");
            if (text == "2")
                done.SetResult();
        });
        await SendAsync(streaming, WireOpcode.Text, "1"u8.ToArray());
        await begun.Task.InTime();
        await SendAsync(streaming, WireOpcode.Text, "2"u8.ToArray());
        await SendAsync(streaming, WireOpcode.Ping, []);
        (await streaming.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Pong, "what is small waits without holding the reading");
        release.SetResult();

        await done.Task.InTime();
        order.Should().Equal("1 begins", "1 ends", "2 begins", "2 ends");
    }

    [Fact]
    public async Task Handler_ThatDoesNotRead_HoldsThePeerAndNotMuchMemory()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new Received();
        await using var streaming = new StreamingClient(room: 1024, new ClientSettings
        {
            OnMessageStream = async (client, message, cancellationToken) =>
            {
                await release.Task;
                await received.ReadAllAsync(client, message, cancellationToken);
            },
        });
        var sending = streaming.Peer.WriteAsync(ClientFrame.Binary(Bytes)).AsTask();
        using (var limit = new CancellationTokenSource(Limit.Time))
        {
            for (var before = -1L; streaming.Client.Statistics.BytesReceived is var now && (now == 0 || now != before); before = now)
                await Task.Delay(200, limit.Token);
        }

        streaming.Client.Statistics.BytesReceived.Should().BeInRange(32 * 1024, 128 * 1024);
        sending.IsCompleted.Should().BeFalse("the peer has to wait");
        release.SetResult();
        (await received.NextAsync()).Bytes.Should().Equal(Bytes);
        await sending.InTime();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Compressed_Message_IsInflatedAsItComes(bool keepsContext)
    {
        var received = new Received();
        var agreement = new CompressionAgreement { Threshold = 0, PeerKeepsContext = keepsContext };
        await using var streaming = new StreamingClient(settings: new ClientSettings { OnMessageStream = received.ReadAllAsync },
            socket: stream => new StreamWebSocket(stream, new StreamWebSocketOptions { Compression = agreement }));
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"ä{i}")));
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, CompressionLevel.Fastest);
        for (var i = 0; i < 2; i++)
        {
            output.SetLength(0);
            deflate.Write(text);
            deflate.Flush();
            var compressed = keepsContext ? output.ToArray()[..^4] : Deflated.Payload(text);
            var frames = compressed.Chunk(5000).ToArray();
            for (var at = 0; at < frames.Length; at++)
            {
                await streaming.Peer.WriteAsync(ClientFrame.Build(at == 0 ? WireOpcode.Text : WireOpcode.Continuation, frames[at], fin: at == frames.Length - 1,
                    reservedBits: at == 0 ? 4 : 0)).InTime();
            }

            (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Text, text));
        }

        streaming.Client.Statistics.BytesReceived.Should().Be(2 * text.Length);
    }

    [Fact]
    public async Task Foreign_WebSocket_StreamsAsWell()
    {
        var received = new Received();
        await using var streaming = new StreamingClient(settings: new ClientSettings { OnMessageStream = received.ReadAllAsync },
            socket: stream => WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero }));
        await SendAsync(streaming, WireOpcode.Binary, Bytes, isFinal: false);
        await SendAsync(streaming, WireOpcode.Continuation, Bytes);
        await SendAsync(streaming, WireOpcode.Text, []);
        await SendAsync(streaming, WireOpcode.Text, "end"u8.ToArray());

        (await received.NextAsync()).Bytes.Should().Equal([.. Bytes, .. Bytes]);
        (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Text, Array.Empty<byte>()));
        (await received.NextAsync()).Should().BeEquivalentTo((WebSocketMessageType.Text, "end"u8.ToArray()));
        streaming.Client.Statistics.MessagesReceived.Should().Be(3);
    }

    private static StreamingClient Streaming(MessageStreamHandler handler) => new(settings: new ClientSettings { OnMessageStream = handler });

    private static Task SendAsync(StreamingClient streaming, WireOpcode opcode, byte[] payload, bool isFinal = true) =>
        streaming.Peer.WriteAsync(ClientFrame.Build(opcode, payload, fin: isFinal)).InTime();

    private static IEnumerable<((WireOpcode Opcode, byte[] Payload) Part, bool IsLast)> Parts(byte[] bytes, int length)
    {
        var parts = bytes.Chunk(length).ToArray();
        return parts.Select((part, i) => ((i == 0 ? WireOpcode.Binary : WireOpcode.Continuation, part), i == parts.Length - 1));
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        return bytes;
    }
}
