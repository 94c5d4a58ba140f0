using System.Buffers.Binary;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 6455, section 5.5.</summary>
public sealed class ControlFrameTests(EchoServer server) : IClassFixture<EchoServer>
{
    private const int Flood = 10_000;

    public static TheoryData<Carrier, int> PingLengths => Carriers.With(0, 1, 8, 125);

    public static TheoryData<Carrier, int> ControlOpcodes => Carriers.With(0x8, 0x9, 0xA);

    [Theory]
    [MemberData(nameof(PingLengths))]
    public async Task Ping_WithPayload_IsAnsweredWithTheSame(Carrier carrier, int length)
    {
        await using var peer = await server.ConnectAsync(carrier);
        var payload = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();
        await peer.SendAsync(ClientFrame.Ping(payload));

        (await peer.ReadAsync(WireOpcode.Pong)).Payload.Should().Equal(payload);
    }

    [Theory]
    [MemberData(nameof(ControlOpcodes))]
    public async Task ControlFrame_Over125Bytes_IsAnsweredWith1002(Carrier carrier, int opcode)
    {
        await using var peer = await server.ConnectAsync(carrier);
        var body = new byte[126];
        BinaryPrimitives.WriteUInt16BigEndian(body, 1000);
        await peer.SendAsync(ClientFrame.Build((WireOpcode)opcode, body));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
    }

    [Theory]
    [MemberData(nameof(ControlOpcodes))]
    public async Task ControlFrame_Fragmented_IsAnsweredWith1002(Carrier carrier, int opcode)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build((WireOpcode)opcode, [], fin: false));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task ControlFrames_InsideAMessage_AreAnsweredAndLeaveItIntact(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, "one "u8, fin: false), ClientFrame.Ping("first"u8));
        (await peer.ReadAsync(WireOpcode.Pong)).Text.Should().Be("first");

        await peer.SendAsync(ClientFrame.Build(WireOpcode.Continuation, "two "u8, fin: false), ClientFrame.Pong("unasked"u8), ClientFrame.Ping("second"u8));
        (await peer.ReadAsync(WireOpcode.Pong)).Text.Should().Be("second");

        await peer.SendAsync(ClientFrame.Build(WireOpcode.Continuation, "three"u8));
        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("one two three");
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Pong_Unasked_IsIgnored(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Pong(), ClientFrame.Pong(new byte[125]), ClientFrame.Pong([0, 0, 0, 0, 0, 0, 0, 1]), ClientFrame.Text("after"));

        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("after");
    }

    /// <summary>Only the latest ping needs an answer (section 5.5.3); an answer to none that was sent would be wrong.</summary>
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Pings_InAFlood_AreAnsweredInOrderUpToTheLast(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        var sending = peer.SendAsync([.. Enumerable.Range(1, Flood).Select(i => ClientFrame.Ping(BitConverter.GetBytes(i)))]);

        for (var last = 0; last < Flood;)
        {
            var pong = await peer.ReadAsync(WireOpcode.Pong);
            var answered = BitConverter.ToInt32(pong.Payload);
            answered.Should().BeInRange(last + 1, Flood);
            last = answered;
        }

        await sending;
    }
}
