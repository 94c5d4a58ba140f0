using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Streaming;

/// <summary>Messages that peers stream, over each carrier.</summary>
public sealed class IncomingStreamTests
{
    private const long MiB = 1024 * 1024;
    private const int Frame = 60_000;

    [Theory]
    [InlineData(Carrier.Http1, 64 * MiB)]
    [InlineData(Carrier.Http1Tls, 32 * MiB)]
    [InlineData(Carrier.Http2, 32 * MiB)]
    [InlineData(Carrier.Http2Tls, 32 * MiB)]
    public Task Receive_Large_ArrivesByteForByteAndPingsAreAnsweredMeanwhile(Carrier carrier, long length) => RunAsync(carrier, length);

    [Trait("Category", "Stress")]
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public Task Receive_Gibibyte_ArrivesByteForByteAndPingsAreAnsweredMeanwhile(Carrier carrier) => RunAsync(carrier, 1024 * MiB);

    [Fact]
    public async Task Receive_FromHundredClientsOfWhichTenStall_TheOthersAreDoneAndTheTenEnd()
    {
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartAsync(endpoint => endpoint.OnMessageStream(HashAsync), clock);
        var peers = new List<(RawWebSocketClient Peer, IClient Client)>();
        for (var i = 0; i < 100; i++)
            peers.Add(await server.OpenAsync());
        await Task.WhenAll(peers.Select(async (pair, i) =>
        {
            using var source = new GeneratedStream(MiB, i);
            await StreamAsync(pair.Peer, source, isWhole: i % 10 != 0);
            if (i % 10 != 0)
                (await pair.Peer.ReadAsync(WireOpcode.Binary)).Payload.Should().Equal(source.GetHash());
        })).InTime();

        var stalled = peers.Where((_, i) => i % 10 == 0).Select(async pair =>
        {
            (await pair.Peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1008);
            await pair.Peer.SendAsync(ClientFrame.Close(1008));
            return (await pair.Client.Completion.InTime()).Reason;
        }).ToArray();
        await Turns.UntilAsync(() => peers.TrueForAll(pair => pair.Client.Statistics.BytesReceived == MiB));
        var ended = Task.WhenAll(stalled);
        while (!ended.IsCompleted)
        {
            // Again only for one whose last bytes were not read yet: nobody answers a close as fast as this clock runs.
            clock.Advance(TimeSpan.FromSeconds(31));
            await Task.WhenAny(ended, Task.Delay(Limit.Time / 3));
        }

        (await ended).Should().AllBeEquivalentTo(DisconnectReason.MessageTimeout);

        foreach (var (peer, _) in peers)
            await peer.DisposeAsync();
    }

    [Fact]
    public async Task Handler_OfAWrappedClient_GetsTheWrapper()
    {
        var seen = new TaskCompletionSource<IClient>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await WireServer.StartAsync(endpoint =>
        {
            endpoint.Factory(context => new Wrapper(context.CreateClient()));
            endpoint.OnMessageStream(
                async (client, message, cancellationToken) =>
                {
                    await message.Stream.CopyToAsync(Stream.Null, cancellationToken);
                    seen.SetResult(client);
                },
                WebSocketMessageType.Binary);
            endpoint.OnMessage((client, message, _) => client.Write(message));
        });
        var (peer, client) = await server.OpenAsync();
        await using var _ = peer;
        await peer.SendAsync(ClientFrame.Text("whole"), ClientFrame.Binary("streamed"u8));

        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("whole");
        (await seen.Task.InTime()).Should().BeOfType<Wrapper>().And.BeSameAs(client);
    }

    [Fact]
    public async Task Endpoint_WithHandlersThatNothingReaches_IsAnError()
    {
        var start = () => WireServer.StartAsync(endpoint => endpoint.OnMessageStream(HashAsync).OnMessage((_, _, _) => { }));
        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*would never be called*");

        start = () => WireServer.StartAsync(endpoint => endpoint.OnMessageStream(HashAsync).OnMessageStream(HashAsync));
        await start.Should().ThrowAsync<InvalidOperationException>().WithMessage("*already*");

        start = () => WireServer.StartAsync(endpoint => endpoint.Options.MaxStreamSize = 0);
        await start.Should().ThrowAsync<Exception>().WithMessage("*MaxStreamSize is 0*");
    }

    private static async Task RunAsync(Carrier carrier, long length)
    {
        await using var server = await WireServer.StartAsync(endpoint => endpoint.OnMessageStream(HashAsync));
        var (peer, client) = await server.OpenAsync(carrier);
        await using var _ = peer;
        using var source = new GeneratedStream(length, seed: 9);
        var times = new List<TimeSpan>();
        var sending = Task.Run(() => StreamAsync(peer, source, isWhole: true, pingEach: 4 * MiB));
        WireFrame frame;
        while ((frame = await peer.NextFrameAsync() ?? throw new EndOfStreamException()).Opcode is WireOpcode.Pong)
            times.Add(Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64LittleEndian(frame.Payload)));

        await sending.InTime();
        frame.Payload.Should().Equal(source.GetHash());
        times.Should().HaveCountGreaterThan(1).And.OnlyContain(time => time < TimeSpan.FromSeconds(5), "they don't wait for the message");
        client.Statistics.Should().Match<ClientStatistics>(now => now.MessagesReceived == 1 && now.BytesReceived == length);
    }

    private static async ValueTask HashAsync(IClient client, IncomingMessage message, CancellationToken cancellationToken)
    {
        var hash = await SHA256.HashDataAsync(message.Stream, cancellationToken);
        await client.WriteAsync(hash, cancellationToken);
    }

    private static async Task StreamAsync(RawWebSocketClient peer, GeneratedStream source, bool isWhole, long pingEach = long.MaxValue)
    {
        var buffer = new byte[Frame];
        var opcode = WireOpcode.Binary;
        var (sent, pings) = (0L, 0);
        for (int count; (count = source.Read(buffer)) > 0; opcode = WireOpcode.Continuation)
        {
            await peer.SendBytesAsync(ClientFrame.Build(opcode, buffer.AsSpan(0, count), fin: false));
            sent += count;
            if (sent / pingEach <= pings)
                continue;

            pings++;
            var now = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(now, Stopwatch.GetTimestamp());
            await peer.SendBytesAsync(ClientFrame.Ping(now));
        }

        if (isWhole)
            await peer.SendBytesAsync(ClientFrame.Build(WireOpcode.Continuation, []));
    }

    private sealed class Wrapper(IClient inner) : DelegatingClient(inner);
}
