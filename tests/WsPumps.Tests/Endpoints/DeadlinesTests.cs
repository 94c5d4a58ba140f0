using System.Buffers.Binary;
using System.Net.WebSockets;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

public sealed class DeadlinesTests
{
    [Fact]
    public async Task Message_NeverCompleted_ConnectionIsClosedWith1008()
    {
        await using var host = await PumpsHost.StartAsync(Echo.Endpoint);
        using var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        await BeginMessageAsync(peer);

        host.Clock.Advance(TimeSpan.FromSeconds(29));
        await peer.SendAsync(0, "more"u8.ToArray(), final: false);
        await PingAsync(peer);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        await ExpectCloseAsync(peer, client, WebSocketCloseStatus.PolicyViolation, DisconnectReason.MessageTimeout);
    }

    [Theory]
    [InlineData("completed in time")]
    [InlineData("no limit")]
    public async Task Message_CompletedOrUnlimited_ConnectionGoesOn(string how)
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            if (how == "no limit")
                endpoint.Options.MessageTimeout = TimeSpan.Zero;
            Echo.Endpoint(endpoint);
        });
        using var peer = await host.ConnectRawAsync();
        await BeginMessageAsync(peer);

        if (how == "no limit")
            host.Clock.Advance(TimeSpan.FromHours(1));
        await peer.SendAsync(0, "!"u8.ToArray());
        (await peer.ReceiveAsync())!.Value.Payload.Should().Equal("begun!"u8.ToArray());
        host.Clock.Advance(TimeSpan.FromHours(1));

        await PingAsync(peer);
    }

    [Fact]
    public async Task FirstMessage_NeverComes_ConnectionIsClosedWith1008()
    {
        await using var host = await PumpsHost.StartAsync(endpoint => endpoint.Options.FirstMessageTimeout = TimeSpan.FromSeconds(10));
        using var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        host.Clock.Advance(TimeSpan.FromSeconds(9));
        await PingAsync(peer);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        await ExpectCloseAsync(peer, client, WebSocketCloseStatus.PolicyViolation, DisconnectReason.FirstMessageTimeout);
    }

    [Fact]
    public async Task FirstMessage_Comes_ConnectionGoesOn()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.FirstMessageTimeout = TimeSpan.FromSeconds(10);
            Echo.Endpoint(endpoint);
        });
        var peer = await host.ConnectKnownAsync();

        host.Clock.Advance(TimeSpan.FromHours(1));

        await peer.SendTextAsync("still here");
        (await peer.ReceiveTextAsync()).Should().Be("still here");
    }

    [Fact]
    public async Task Lifetime_WithoutJitter_ConnectionIsClosedWith1001ThenAndNotBefore()
    {
        await using var host = await StartAsync(TimeSpan.FromHours(1), jitter: 0);
        using var peer = await host.ConnectRawAsync();
        var client = await host.Callbacks.NextRegisteredAsync();

        host.Clock.Advance(TimeSpan.FromSeconds(3599));
        await PingAsync(peer);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        await ExpectCloseAsync(peer, client, WebSocketCloseStatus.EndpointUnavailable, DisconnectReason.LifetimeOver);
    }

    [Fact]
    public async Task Lifetime_WithJitter_NoneEndsBeforeTheJitterAndAllByTheEnd()
    {
        await using var host = await StartAsync(TimeSpan.FromSeconds(4), jitter: 0.5);
        var connections = new List<(RawPeer Peer, IClient Client)>();
        for (var i = 0; i < 40; i++)
            connections.Add((await host.ConnectRawAsync(), await host.Callbacks.NextRegisteredAsync()));

        host.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var (peer, _) in connections)
            await PingAsync(peer);
        // Less than CloseTimeout after the first of them ends.
        host.Clock.Advance(TimeSpan.FromSeconds(3));

        foreach (var (peer, client) in connections)
            await ExpectCloseAsync(peer, client, WebSocketCloseStatus.EndpointUnavailable, DisconnectReason.LifetimeOver);
    }

    private static Task<PumpsHost> StartAsync(TimeSpan lifetime, double jitter) => PumpsHost.StartAsync(endpoint =>
    {
        endpoint.Setup(setup =>
        {
            (setup.Options.MaxLifetime, setup.Options.LifetimeJitter) = (lifetime, jitter);
            return default;
        });
        Echo.Endpoint(endpoint);
    });

    /// <summary>When the pong is here, what was sent before the ping has been read.</summary>
    private static async Task BeginMessageAsync(RawPeer peer)
    {
        await peer.SendAsync(Opcodes.Text, "begun"u8.ToArray(), final: false);
        await PingAsync(peer);
    }

    private static async Task PingAsync(RawPeer peer)
    {
        await peer.SendAsync(Opcodes.Ping, []);
        (await peer.ReceiveAsync())!.Value.Opcode.Should().Be(Opcodes.Pong);
    }

    private static async Task ExpectCloseAsync(RawPeer peer, IClient client, WebSocketCloseStatus status, DisconnectReason reason)
    {
        var (opcode, payload) = (await peer.ReceiveAsync())!.Value;
        opcode.Should().Be(Opcodes.Close);
        BinaryPrimitives.ReadUInt16BigEndian(payload).Should().Be((ushort)status);
        await peer.SendAsync(Opcodes.Close, payload[..2]);
        (await client.Completion.InTime()).Reason.Should().Be(reason);
    }
}
