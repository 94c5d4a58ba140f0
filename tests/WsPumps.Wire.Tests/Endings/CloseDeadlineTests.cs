using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

public sealed class CloseDeadlineTests
{
    /// <summary>After our close frame nothing is written any more, so a ping that is due then never leaves: no answer to it can be missed.</summary>
    [Fact]
    public async Task Close_PeerTakesLongerThanPingAndPong_HasItsWholeTimeToAnswer()
    {
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartEchoAsync(
            endpoint =>
            {
                endpoint.Options.PingInterval = TimeSpan.FromSeconds(1);
                endpoint.Options.PongTimeout = TimeSpan.FromSeconds(1);
                endpoint.Options.CloseTimeout = TimeSpan.FromSeconds(10);
            },
            clock);
        var (peer, client) = await server.OpenAsync();
        await using var disposing = peer;
        await client.CloseAsync().InTime();
        await peer.ReadAsync(WireOpcode.Close);

        clock.Advance(TimeSpan.FromSeconds(9));
        await peer.SendAsync(ClientFrame.Close(1000));

        await peer.ReadEndAsync();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.LocalClosed);
        ((int?)record.PeerStatus).Should().Be(1000);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_PeerNeverAnswers_EndsAfterTheCloseTimeout(Carrier carrier)
    {
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartEchoAsync(time: clock);
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await client.CloseAsync().InTime();
        await peer.ReadAsync(WireOpcode.Close);

        clock.Advance(TimeSpan.FromSeconds(6));

        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.LocalClosed);
        record.PeerStatus.Should().BeNull();
        await peer.ReadEndAsync();
    }
}
