using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Cryptography;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Streaming;

/// <summary>Messages that are streamed to peers, over each carrier.</summary>
public sealed class OutgoingStreamTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(Carrier.Http1, 64 * MiB)]
    [InlineData(Carrier.Http1Tls, 32 * MiB)]
    [InlineData(Carrier.Http2, 32 * MiB)]
    [InlineData(Carrier.Http2Tls, 32 * MiB)]
    public Task Send_Large_ArrivesByteForByteAndPingsAreAnsweredMeanwhile(Carrier carrier, long length) => RunAsync(carrier, length);

    [Trait("Category", "Stress")]
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public Task Send_Gibibyte_ArrivesByteForByteAndPingsAreAnsweredMeanwhile(Carrier carrier) => RunAsync(carrier, 1024 * MiB);

    [Fact]
    public async Task Send_ToHundredClientsOfWhichTenStall_TheOthersGetAllAndTheTenEnd()
    {
        await using var server = await WireServer.StartAsync(endpoint => endpoint.Options.WriteTimeout = TimeSpan.FromSeconds(3));
        var receiving = new List<Task>();
        var sending = new List<Task>();
        var stalled = new List<(Task Sending, IClient Client)>();
        var peers = new List<RawWebSocketClient>();
        for (var i = 0; i < 100; i++)
        {
            var isStalled = i % 10 == 0;
            var (peer, client) = await server.OpenAsync(Carrier.Http1, isStalled ? 4096 : null);
            peers.Add(peer);
            // More than all buffers on the way take.
            var send = SendAsync(client, isStalled ? 64 * MiB : MiB, i);
            if (isStalled)
            {
                stalled.Add((send, client));
                continue;
            }

            sending.Add(send);
            receiving.Add(ReceiveAsync(peer, MiB, i));
        }

        await Task.WhenAll([.. sending, .. receiving]).InTime();
        foreach (var (send, client) in stalled)
        {
            await send.Awaiting(task => task.InTime()).Should().ThrowAsync<IOException>();
            (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.WriteTimeout);
        }

        foreach (var peer in peers)
            await peer.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Dispose_NotCompleted_PeerSeesAnEndWithoutACloseFrame(Carrier carrier)
    {
        await using var server = await WireServer.StartAsync(_ => { });
        var (peer, client) = await server.OpenAsync(carrier);
        await using var _ = peer;
        await using (var message = await client.OpenMessageAsync(WebSocketMessageType.Binary))
        {
            await message.WriteAsync(new byte[10]);
            await message.FlushAsync().InTime();
            (await peer.ReadAsync(WireOpcode.Binary)).Fin.Should().BeFalse();
        }

        await peer.ReadEndAsync();
        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.MessageAbandoned);
    }

    [Fact]
    public async Task Stop_WithinAMessage_WaitsForItsEndAndThenCloses()
    {
        await using var server = await WireServer.StartAsync(_ => { });
        var (peer, client) = await server.OpenAsync();
        await using var _ = peer;
        await using var message = await client.OpenMessageAsync(WebSocketMessageType.Text);
        await message.WriteAsync("one"u8.ToArray());
        await message.FlushAsync().InTime();
        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("one");
        var stopping = server.StopAsync();
        // From then on nothing is accepted; before, this would be too large.
        var tooLarge = PreparedMessage.Binary(new byte[2 * MiB]);
        await Turns.UntilAsync(() => client.Write(tooLarge) is WriteResult.Closed);

        await message.WriteAsync("two"u8.ToArray());
        await message.CompleteAsync().InTime();
        var frames = await peer.ReadToCloseAsync().InTime();
        frames[^2].Should().BeEquivalentTo(new { Fin = true, Text = "two" }, options => options.IncludingInternalProperties());
        frames[^1].CloseCode.Should().Be(1001);
        await peer.SendAsync(ClientFrame.Close(1001));
        await stopping.InTime();
    }

    private static async Task RunAsync(Carrier carrier, long length)
    {
        await using var server = await WireServer.StartAsync(_ => { });
        var (peer, client) = await server.OpenAsync(carrier);
        await using var _ = peer;
        using var source = new GeneratedStream(length, seed: 5);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sending = Task.Run(() => client.SendAsync(source, WebSocketMessageType.Binary, length));
        var received = 0L;
        var (pings, pongs, slowest, pingedAt) = (0, 0, TimeSpan.Zero, 0L);
        WireFrame frame;
        do
        {
            frame = await peer.NextFrameAsync() ?? throw new EndOfStreamException();
            if (frame.Opcode is WireOpcode.Pong)
            {
                pongs++;
                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(pingedAt).Ticks));
                continue;
            }

            hash.AppendData(frame.Payload);
            received += frame.Payload.Length;
            if (pings == pongs && received / (4 * MiB) > pings)
            {
                pings++;
                pingedAt = Stopwatch.GetTimestamp();
                await peer.SendAsync(ClientFrame.Ping("?"u8));
            }
        }
        while (frame is not { Fin: true, IsControl: false });

        await sending.InTime();
        received.Should().Be(length);
        hash.GetHashAndReset().Should().Equal(source.GetHash());
        pongs.Should().BeGreaterThan(1, "pongs pass between fragments");
        slowest.Should().BeLessThan(TimeSpan.FromSeconds(5), "they don't wait for the message");
        client.Statistics.Should().Match<ClientStatistics>(now => now.MessagesSent == 1 && now.BytesSent == length && now.QueuedBytes == 0);
    }

    private static async Task SendAsync(IClient client, long length, int seed)
    {
        using var source = new GeneratedStream(length, seed);
        await client.SendAsync(source, WebSocketMessageType.Binary, length);
    }

    private static async Task ReceiveAsync(RawWebSocketClient peer, long length, int seed)
    {
        using var expected = new GeneratedStream(length, seed);
        var left = length;
        while (left > 0)
        {
            var frame = await peer.NextFrameAsync() ?? throw new EndOfStreamException();
            var bytes = new byte[frame.Payload.Length];
            expected.ReadExactly(bytes);
            frame.Payload.AsSpan().SequenceEqual(bytes).Should().BeTrue();
            left -= bytes.Length;
        }
    }
}
