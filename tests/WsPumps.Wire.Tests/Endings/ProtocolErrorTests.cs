using System.Net.WebSockets;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

/// <summary>A peer that breaks the protocol still gets what was queued for it, and is told why the connection ends.</summary>
public sealed class ProtocolErrorTests
{
    private const int Repetitions = 20;
    private const int StressRepetitions = 200;
    private const int QueuedMessages = 60;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private static readonly byte[] Garbage = [.. Enumerable.Repeat((byte)0xFF, 4096)];

    public static TheoryData<Carrier, string> BadFrames => Carriers.With(Errors.Keys);

    private static Dictionary<string, (byte[] Frame, int Code)> Errors => new()
    {
        ["opcode"] = (ClientFrame.Build((WireOpcode)0x3, "text"u8), 1002),
        ["reserved bit"] = (ClientFrame.Build(WireOpcode.Text, "text"u8, reservedBits: 4), 1002),
        ["UTF-8"] = (ClientFrame.Build(WireOpcode.Text, [0xC0, 0x80]), 1007),
    };

    [Theory]
    [MemberData(nameof(BadFrames))]
    public Task ProtocolError_WithMessagesQueued_TheyAndTheCloseFrameArrive(Carrier carrier, string error) =>
        BreakWithMessagesQueuedAsync(carrier, error, Repetitions);

    [Trait("Category", "Stress")]
    [Theory]
    [MemberData(nameof(BadFrames))]
    public Task ProtocolError_WithMessagesQueuedAgainAndAgain_TheyAndTheCloseFrameArrive(Carrier carrier, string error) =>
        BreakWithMessagesQueuedAsync(carrier, error, StressRepetitions);

    private static async Task BreakWithMessagesQueuedAsync(Carrier carrier, string error, int repetitions)
    {
        var (frame, code) = Errors[error];
        await using var server = await WireServer.StartAsync(endpoint => endpoint.OnMessage(QueueMessages));
        for (var i = 0; i < repetitions; i++)
        {
            var (peer, client) = await server.OpenAsync(carrier);
            await using var disposing = peer;
            await peer.SendAsync(ClientFrame.Text("go"), frame, Garbage);
            var frames = await ReadWhileSendingGarbageAsync(peer).InTime();

            frames.Count.Should().Be(QueuedMessages + 1);
            frames.Take(QueuedMessages).Select((message, index) => message.Payload.SequenceEqual(PayloadOf(index))).Should().AllBeEquivalentTo(true);
            frames[^1].CloseCode.Should().Be(code);

            peer.Reset();
            var record = await client.Completion.InTime();
            record.Reason.Should().Be(DisconnectReason.ProtocolError);
            ((int?)record.LocalStatus).Should().Be(code);
            record.MessagesUnsent.Should().Be(0);
        }

        server.Log.Records.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task ProtocolError_PeerNeverCloses_EndsAfterTheCloseTimeout(Carrier carrier)
    {
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartEchoAsync(time: clock);
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await peer.SendAsync(Errors["opcode"].Frame);
        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
        await client.CloseAsync().InTime();

        clock.Advance(CloseTimeout - TimeSpan.FromSeconds(1));
        await peer.SendAsync(Garbage);
        client.Completion.IsCompleted.Should().BeFalse();

        clock.Advance(TimeSpan.FromSeconds(2));
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.ProtocolError);
        record.LocalStatus.Should().Be(WebSocketCloseStatus.ProtocolError);
        await peer.ReadEndAsync();
    }

    /// <summary>The connection was ending already: the bad frame must not take the close frame away.</summary>
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task ProtocolError_BehindAMessageTooBig_1009Arrives(Carrier carrier)
    {
        await using var server = await WireServer.StartAsync(endpoint => endpoint.Options.MaxMessageSize = 100);
        for (var i = 0; i < Repetitions; i++)
        {
            var (peer, client) = await server.OpenAsync(carrier);
            await using var disposing = peer;
            await peer.SendAsync(ClientFrame.Binary(new byte[101]), Errors["opcode"].Frame, Garbage);
            var frames = await ReadWhileSendingGarbageAsync(peer).InTime();

            frames.Should().ContainSingle().Which.CloseCode.Should().Be(1009);
            peer.Reset();
            var record = await client.Completion.InTime();
            record.Reason.Should().Be(DisconnectReason.MessageTooBig);
            record.LocalStatus.Should().Be(WebSocketCloseStatus.MessageTooBig);
        }
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task ProtocolError_WhileTheServerCloses_QueueAndCloseFrameArrive(Carrier carrier)
    {
        await using var server = await WireServer.StartAsync(endpoint => endpoint.OnMessage(async (client, message, cancellationToken) =>
        {
            await QueueMessages(client, message, cancellationToken);
            _ = client.CloseAsync((WebSocketCloseStatus)4000, cancellationToken: cancellationToken);
        }));
        for (var i = 0; i < Repetitions; i++)
        {
            var (peer, client) = await server.OpenAsync(carrier);
            await using var disposing = peer;
            await peer.SendAsync(ClientFrame.Text("go"), Errors["opcode"].Frame, Garbage);
            var frames = await ReadWhileSendingGarbageAsync(peer).InTime();

            frames.Count.Should().Be(QueuedMessages + 1);
            frames[^1].CloseCode.Should().Be(4000);
            peer.Reset();
            (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.LocalClosed);
        }
    }

    private static ValueTask QueueMessages(IClient client, Message message, CancellationToken cancellationToken)
    {
        for (var i = 0; i < QueuedMessages; i++)
            client.Write(Message.Binary(PayloadOf(i))).Should().Be(WriteResult.Queued);
        return default;
    }

    private static byte[] PayloadOf(int index)
    {
        var payload = new byte[1 + (index * 271)];
        Array.Fill(payload, (byte)index);
        return payload;
    }

    private static async Task<List<WireFrame>> ReadWhileSendingGarbageAsync(RawWebSocketClient peer)
    {
        var reading = peer.ReadToCloseAsync();
        while (!reading.IsCompleted)
        {
            await peer.SendBytesAsync(Garbage);
            // A socket with room completes at once: without this, the loop holds a thread that the server's answer needs.
            await Task.Yield();
        }

        return await reading;
    }
}
