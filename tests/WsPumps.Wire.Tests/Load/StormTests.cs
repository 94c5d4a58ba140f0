using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Load;

/// <summary>Pongs, echoes and broadcasts at once: nothing is interleaved, lost, or out of order.</summary>
public sealed class StormTests
{
    private const string Broadcasters = "ab";

    [Theory]
    [InlineData(Carrier.Http1, 100, 1000)]
    [InlineData(Carrier.Http1Tls, 30, 500)]
    [InlineData(Carrier.Http2, 30, 500)]
    [InlineData(Carrier.Http2Tls, 30, 500)]
    public Task Storm_MixedSizes_EveryByteArrivesInOrder(Carrier carrier, int peers, int broadcastsEach) => RunAsync(carrier, peers, broadcastsEach);

    [Trait("Category", "Stress")]
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public Task Storm_OfManyMessages_EveryByteArrivesInOrder(Carrier carrier) => RunAsync(carrier, 100, 10_000);

    private static async Task RunAsync(Carrier carrier, int peers, int broadcastsEach)
    {
        await using var server = await WireServer.StartEchoAsync(endpoint =>
        {
            // Room for all that is sent: what is tested is the order on the wire, not what happens to slow readers.
            endpoint.Options.MaxQueuedMessages = 100_000;
            endpoint.Options.MaxQueuedBytes = 1L << 40;
        });
        var connected = new List<RawWebSocketClient>();
        for (var i = 0; i < peers; i++)
            connected.Add((await server.OpenAsync(carrier)).Peer);

        var storm = connected.Select(peer => Task.Run(new StormPeer(peer, Broadcasters, broadcastsEach, own: 200).RunAsync)).ToArray();
        var broadcasts = Broadcasters.Select(sender => Task.Run(() => BroadcastAll(server.Broadcaster, sender, broadcastsEach, peers)));
        await Task.WhenAll(storm.Concat(broadcasts)).WaitAsync(Limit.Time * 10);

        for (var i = 0; i < peers; i++)
            (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.PeerClosed);
        server.Log.Records.Should().BeEmpty();
        foreach (var peer in connected)
            await peer.DisposeAsync();
    }

    private static void BroadcastAll(Broadcaster broadcaster, char sender, int count, int peers)
    {
        for (var i = 0; i < count; i++)
            broadcaster.All.Write(Traffic.Prepared(sender, i)).Should().Be(new BroadcastResult { Queued = peers });
    }
}
