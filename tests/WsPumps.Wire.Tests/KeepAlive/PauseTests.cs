using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.KeepAlive;

/// <summary>The process did not run for a while. Peers whose answers wait in the kernel are not charged for it; those that go on to be silent are.</summary>
public sealed class PauseTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task Pause_LongerThanThePongWait_PeerThatHasAnsweredGoesOn()
    {
        await using var server = await StartAsync(endpoint => endpoint.Options.PingInterval = TimeSpan.FromSeconds(25));
        var (peer, client) = await server.OpenAsync();
        await using var disposing = peer;
        _clock.Advance(TimeSpan.FromSeconds(25));
        var ping = await peer.ReadAsync(WireOpcode.Ping);

        _clock.Jump(Pause);
        await peer.SendAsync(ClientFrame.Pong(ping.Payload));
        await EchoAsync(peer);
        _clock.Advance(TimeSpan.FromSeconds(5));

        client.Completion.IsCompleted.Should().BeFalse();
        await EchoAsync(peer);
    }

    [Fact]
    public async Task Pause_PeerThatIsStillSilentAfterIt_IsCutWhenTheRestOfItsTimeIsOver()
    {
        await using var server = await StartAsync(endpoint =>
        {
            endpoint.Options.PingInterval = TimeSpan.FromSeconds(25);
            endpoint.Options.PongTimeout = TimeSpan.FromSeconds(15);
        });
        var (peer, client) = await server.OpenAsync();
        await using var disposing = peer;
        _clock.Advance(TimeSpan.FromSeconds(25));
        await peer.ReadAsync(WireOpcode.Ping);

        _clock.Jump(Pause);
        _clock.Advance(TimeSpan.FromSeconds(12));
        client.Completion.IsCompleted.Should().BeFalse();

        _clock.Advance(TimeSpan.FromSeconds(4));
        (await server.NextEndAsync()).Reason.Should().Be(DisconnectReason.PongTimeout);
    }

    [Fact]
    public async Task Pause_LongerThanTheWriteTimeout_WriteThatThePeerTakesGoesOn()
    {
        await using var server = await StartAsync(endpoint => endpoint.Options.MaxQueuedBytes = 64 * 1024 * 1024);
        var (peer, client) = await server.OpenAsync(receiveBuffer: 4096);
        await using var disposing = peer;
        var large = new byte[32 * 1024 * 1024];
        var written = client.WriteAsync(PreparedMessage.Binary(large));

        _clock.Jump(Pause);
        _clock.Jump(TimeSpan.FromSeconds(1));

        (await peer.ReadAsync(WireOpcode.Binary)).Payload.Should().HaveCount(large.Length);
        await EchoAsync(peer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pause_LongerThanTheTimeOfAMessage_PeerWhoseRestHasArrivedGoesOn(bool first)
    {
        await using var server = await StartAsync(endpoint => endpoint.Options.FirstMessageTimeout = TimeSpan.FromSeconds(10));
        var (peer, _) = await server.OpenAsync();
        await using var disposing = peer;
        if (!first)
            await EchoAsync(peer);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, "begun "u8, fin: false), ClientFrame.Ping([1]));
        await peer.ReadAsync(WireOpcode.Pong);

        _clock.Jump(Pause);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Continuation, "and ended"u8));

        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("begun and ended");
        await EchoAsync(peer);
    }

    private Task<WireServer> StartAsync(Action<WebSocketPumpsEndpointBuilder> configure) => WireServer.StartEchoAsync(configure, _clock);

    private static async Task EchoAsync(RawWebSocketClient peer)
    {
        await peer.SendAsync(ClientFrame.Text("echo"));
        WireFrame? frame;
        do
            frame = await peer.ReadFrameAsync();
        while (frame is { Opcode: WireOpcode.Ping });
        frame!.Text.Should().Be("echo");
    }
}
