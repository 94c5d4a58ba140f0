using System.Buffers.Binary;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.KeepAlive;

/// <summary>On a manual clock, over real sockets. The heartbeat runs inside Advance: what it does has begun when that returns.</summary>
public sealed class PingTests
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(15);

    private readonly ManualTimeProvider _clock = new();

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Ping_AfterTheInterval_IsSentAndItsPongGivesTheRoundTripTime(Carrier carrier)
    {
        await using var server = await StartAsync();
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;

        _clock.Advance(PingInterval - TimeSpan.FromSeconds(1));
        await EchoAsync(peer);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var ping = await peer.ReadAsync(WireOpcode.Ping);
        ((Client)client).Statistics.RoundTripTime.Should().BeNull();

        _clock.Advance(TimeSpan.FromMilliseconds(70));
        await peer.SendAsync(ClientFrame.Pong(ping.Payload));
        await EchoAsync(peer);
        ((Client)client).Statistics.RoundTripTime.Should().Be(TimeSpan.FromMilliseconds(70));

        _clock.Advance(PingInterval);
        (await peer.ReadAsync(WireOpcode.Ping)).Payload.Should().NotEqual(ping.Payload);
    }

    [Fact]
    public async Task Pong_ToNoPing_GivesNoRoundTripTime()
    {
        await using var server = await StartAsync();
        var (peer, client) = await server.OpenAsync();
        await using var disposing = peer;
        await peer.SendAsync(ClientFrame.Pong([0, 0, 0, 0, 0, 0, 0, 25]), ClientFrame.Pong());
        await EchoAsync(peer);
        _clock.Advance(PingInterval);
        await peer.ReadAsync(WireOpcode.Ping);
        await peer.SendAsync(ClientFrame.Pong([1, 2, 3, 4, 5, 6, 7, 8]));
        await EchoAsync(peer);

        ((Client)client).Statistics.RoundTripTime.Should().BeNull();
    }

    /// <summary>Who knows the id of a ping before it comes could answer it before it has come.</summary>
    [Fact]
    public async Task Ping_OfSeveralConnections_NoIdTellsAnythingAboutAnother()
    {
        const int connections = 4;
        const int rounds = 5;
        await using var server = await StartAsync();
        var peers = new List<RawWebSocketClient>();
        for (var i = 0; i < connections; i++)
            peers.Add((await server.OpenAsync()).Peer);

        var ids = new List<ulong>();
        for (var round = 0; round < rounds; round++)
        {
            _clock.Advance(PingInterval);
            foreach (var peer in peers)
            {
                var ping = await peer.ReadAsync(WireOpcode.Ping);
                ids.Add(BinaryPrimitives.ReadUInt64BigEndian(ping.Payload));
                await peer.SendAsync(ClientFrame.Pong(ping.Payload));
                await EchoAsync(peer);
            }
        }

        // By chance two of them are that near to each other once in ten million runs.
        ids.Sort();
        ids.Zip(ids.Skip(1), (lower, higher) => higher - lower).Should().OnlyContain(distance => distance > uint.MaxValue / 64);
        foreach (var peer in peers)
            await peer.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Peer_SendsDataButNeverPongs_StaysWithOnePingOutstanding(Carrier carrier)
    {
        await using var server = await StartAsync();
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;

        _clock.Advance(PingInterval);
        await peer.ReadAsync(WireOpcode.Ping);
        for (var i = 0; i < 20; i++)
        {
            // Reads the echo next: a second ping would be in its place.
            await EchoAsync(peer);
            _clock.Advance(PongTimeout - TimeSpan.FromSeconds(2));
        }

        client.Completion.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Peer_Silent_IsCutAfterThePongWait(Carrier carrier)
    {
        await using var server = await StartAsync();
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;

        _clock.Advance(PingInterval);
        await peer.ReadAsync(WireOpcode.Ping);
        _clock.Advance(PongTimeout - TimeSpan.FromSeconds(1));
        client.Completion.IsCompleted.Should().BeFalse();

        _clock.Advance(TimeSpan.FromSeconds(2));
        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.PongTimeout);
        await peer.ReadEndAsync();
        await Turns.UntilAsync(() => _clock.ActiveTimers == 0);
    }

    [Fact]
    public async Task Peer_BehindANetworkThatStopsDelivering_IsCutWithinIntervalAndPongWait()
    {
        await using var server = await StartAsync();
        await using var proxy = new SilentProxy(server.EndPoint(0));
        await using var peer = await Http1Handshake.ConnectAsync(proxy.EndPoint, WireServer.Path, tls: false).InTime();
        await EchoAsync(peer);
        await proxy.GoSilentAsync();

        _clock.Advance(PingInterval + PongTimeout + TimeSpan.FromSeconds(2));

        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.PongTimeout);
    }

    [Fact]
    public async Task Peer_BehindANetworkThatStopsDelivering_IsCutOnTheRealClockToo()
    {
        await using var server = await WireServer.StartEchoAsync(endpoint =>
        {
            endpoint.Options.PingInterval = TimeSpan.FromSeconds(1);
            endpoint.Options.PongTimeout = TimeSpan.FromSeconds(1);
        });
        await using var proxy = new SilentProxy(server.EndPoint(0));
        await using var peer = await Http1Handshake.ConnectAsync(proxy.EndPoint, WireServer.Path, tls: false).InTime();
        await proxy.GoSilentAsync();

        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.PongTimeout);
    }

    [Fact]
    public async Task PingInterval_Zero_SendsNone()
    {
        await using var server = await WireServer.StartEchoAsync(time: _clock);
        var (peer, _) = await server.OpenAsync();
        await using var disposing = peer;

        _clock.Advance(TimeSpan.FromHours(1));

        await EchoAsync(peer);
    }

    /// <summary>While we do not read, the peer's pong cannot be seen, and that is no fault of the peer.</summary>
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Handler_BusyForThreePongWaits_KeepsAHealthyPeer(Carrier carrier)
    {
        const int capacity = 4;
        var release = new TaskCompletionSource();
        await using var server = await StartAsync(endpoint =>
        {
            endpoint.Options.MaxInboundMessages = capacity;
            endpoint.AddFilter(async (client, message, next, cancellationToken) =>
            {
                await release.Task.WaitAsync(cancellationToken);
                await next(client, message, cancellationToken);
            });
        });
        var (other, _) = await server.OpenAsync();
        await using var disposingOther = other;
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;

        for (var i = 0; i < capacity * 3; i++)
            await peer.SendAsync(ClientFrame.Text($"{i}"));
        // One is being handled, and the queue is full: from now on the server does not read.
        await Turns.UntilAsync(() => client.Statistics.MessagesReceived == capacity + 1);
        for (var second = 0; second < (PingInterval + (PongTimeout * 3)).TotalSeconds; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            // A round trip through the same server: the busy connection has had its turn as well.
            await other.SendAsync(ClientFrame.Ping([7]));
            while (await other.ReadFrameAsync() is { Opcode: WireOpcode.Ping } asked)
                await other.SendAsync(ClientFrame.Pong(asked.Payload));
        }

        client.Completion.IsCompleted.Should().BeFalse();
        var ping = await peer.ReadAsync(WireOpcode.Ping);
        await peer.SendAsync(ClientFrame.Pong(ping.Payload));
        release.SetResult();
        for (var i = 0; i < capacity * 3; i++)
            (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be($"{i}");
        await EchoAsync(peer);
    }

    private Task<WireServer> StartAsync(Action<WebSocketPumpsEndpointBuilder>? configure = null) => WireServer.StartEchoAsync(
        endpoint =>
        {
            endpoint.Options.PingInterval = PingInterval;
            endpoint.Options.PongTimeout = PongTimeout;
            configure?.Invoke(endpoint);
        },
        _clock);

    private static async Task EchoAsync(RawWebSocketClient peer)
    {
        await peer.SendAsync(ClientFrame.Text("echo"));
        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("echo");
    }
}
