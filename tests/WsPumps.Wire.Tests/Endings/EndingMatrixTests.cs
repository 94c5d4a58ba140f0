using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

/// <summary>Every ending over every carrier: unregistered once, reported truly, in bounded time, and nothing left behind.</summary>
public sealed class EndingMatrixTests
{
    /// <summary>HTTP/2 as the runtime speaks it cannot end one direction alone.</summary>
    public static TheoryData<Carrier, string> Endings
    {
        get
        {
            var data = new TheoryData<Carrier, string>();
            foreach (var carrier in Enum.GetValues<Carrier>())
            {
                foreach (var ending in Ending.All.Keys.Where(ending => ending != "half-close" || carrier is Carrier.Http1 or Carrier.Http1Tls))
                    data.Add(carrier, ending);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task Connection_Ends_OnceTrulyReportedAndNothingIsLeft(Carrier carrier, string name)
    {
        var ending = Ending.All[name];
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartAsync(ending.Configure, clock);
        await using var peer = await server.ConnectAsync(carrier, receiveBuffer: 4096);
        var client = await server.NextRegisteringAsync();

        await ending.Act(new EndingConnection(server, peer, client, clock)).InTime();
        // Where no deadline is meant to end it, the clock stands still.
        if (ending.NeedsTime)
            await clock.AdvanceUntil(client.Completion, TimeSpan.FromSeconds(1));
        var record = await server.NextEndAsync();

        record.Reason.Should().Be(ending.Reason);
        ((int?)record.LocalStatus).Should().Be(ending.Local);
        (record.LocalReason is null).Should().Be(ending.Local is null);
        ((int?)record.PeerStatus).Should().Be(ending.Peer);
        server.Broadcaster.Manager.Clients.Should().BeEmpty();
        await peer.DisposeAsync();
        await server.WhenNothingIsOpenAsync();
        await Turns.UntilAsync(() => clock.ActiveTimers == 0);
        (server.Registered, server.Unregistered).Should().Be((1, 1));
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Setup_Fails_NothingIsRegisteredOrLeft(Carrier carrier)
    {
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartAsync(endpoint => endpoint.Setup(_ => throw new InvalidOperationException("setup failed")), clock);

        var connect = () => server.ConnectAsync(carrier);

        (await connect.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain("500");
        await server.WhenNothingIsOpenAsync();
        await Turns.UntilAsync(() => clock.ActiveTimers == 0);
        (server.Registered, server.Unregistered).Should().Be((0, 0));
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Factory_Fails_Is1011AndNothingIsRegisteredOrLeft(Carrier carrier)
    {
        var clock = new ManualTimeProvider();
        await using var server = await WireServer.StartAsync(endpoint => endpoint.Factory(_ => throw new InvalidOperationException("factory failed")), clock);
        await using var peer = await server.ConnectAsync(carrier);

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1011);

        await peer.DisposeAsync();
        await server.WhenNothingIsOpenAsync();
        await Turns.UntilAsync(() => clock.ActiveTimers == 0);
        (server.Registered, server.Unregistered).Should().Be((0, 0));
        server.Log.Records.Should().ContainSingle().Which.ToString().Should().Contain("factory failed");
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task PeerClose_ItsReason_IsRecordedAndAnswered(Carrier carrier)
    {
        await using var server = await WireServer.StartEchoAsync();
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;

        await peer.SendAsync(ClientFrame.Close(4001, "bye"));

        var answer = await peer.ReadAsync(WireOpcode.Close);
        (answer.CloseCode, answer.CloseReason).Should().Be((4001, "bye"));
        var record = await client.Completion.InTime();
        (record.PeerReason, record.LocalReason, record.Initiator).Should().Be(("bye", "bye", DisconnectInitiator.Peer));
    }
}
