using System.Threading.Channels;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Load;

/// <summary>A peer that does not read: it is served as far as it can be, then cut, and nobody else notices.</summary>
public sealed class StalledPeerTests
{
    private const int Healthy = 99;
    private const int Sent = 200;
    private const int MoreThanAnyBufferHolds = 64 * 1024 * 1024;

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Peer_StopsReading_IsHeardAndThenCutAlone(Carrier carrier)
    {
        var clock = new ManualTimeProvider();
        var heard = Channel.CreateUnbounded<string>();
        await using var server = await WireServer.StartAsync(
            endpoint =>
            {
                endpoint.Options.MaxQueuedMessages = 10_000;
                endpoint.Options.MaxQueuedBytes = 2L * MoreThanAnyBufferHolds;
                endpoint.OnMessage((_, message, cancellationToken) => heard.Writer.WriteAsync(message.GetText(), cancellationToken));
            },
            clock);
        var healthy = new List<RawWebSocketClient>();
        for (var i = 0; i < Healthy; i++)
            healthy.Add((await server.OpenAsync()).Peer);
        var (stalled, client) = await server.OpenAsync(carrier, receiveBuffer: 4096);
        await using var disposing = stalled;

        var large = PreparedMessage.Binary(new byte[64 * 1024]);
        for (var queued = 0; queued < MoreThanAnyBufferHolds; queued += large.Length)
            client.Write(large).Should().Be(WriteResult.Queued);
        await BroadcastAndReceiveAsync(server, healthy, "while one stalls");

        for (var i = 0; i < Sent; i++)
            await stalled.SendAsync(ClientFrame.Ping(), ClientFrame.Text($"{i}"));
        for (var i = 0; i < Sent; i++)
            (await heard.Reader.ReadAsync().InTime()).Should().Be($"{i}");

        // Each write that still fits some buffer begins a time limit of its own: which one is the last is up to the machine.
        for (var second = 0; second < 1000 && !client.Completion.IsCompleted; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await BroadcastAndReceiveAsync(server, healthy, $"second {second}");
        }

        var record = await server.NextEndAsync();
        record.Reason.Should().Be(DisconnectReason.WriteTimeout);
        record.MessagesReceived.Should().Be(Sent);
        record.MessagesUnsent.Should().BePositive();
        await BroadcastAndReceiveAsync(server, healthy, "after it was cut");
        server.Unregistered.Should().Be(1);
        server.Broadcaster.Manager.Clients.Should().HaveCount(Healthy);
        foreach (var peer in healthy)
            await peer.DisposeAsync();
    }

    private static async Task BroadcastAndReceiveAsync(WireServer server, List<RawWebSocketClient> peers, string text)
    {
        server.Broadcaster.All.Write(text).Dropped.Should().Be(0);
        foreach (var peer in peers)
            (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be(text);
    }
}
