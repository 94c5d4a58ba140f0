using System.Buffers.Binary;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 6455, sections 5.1, 5.2 and 5.6.</summary>
public sealed class FramingTests(EchoServer server) : IClassFixture<EchoServer>
{
    private const int ProtocolError = 1002;

    private static readonly int[] Lengths = [0, 1, 125, 126, 127, 65_535, 65_536, EchoServer.MaxMessageSize];

    public static TheoryData<Carrier, int> EveryLength => Carriers.With(Lengths);

    public static TheoryData<Carrier, int, int> LongForms => new()
    {
        { Carrier.Http1, 0, 2 }, { Carrier.Http1, 125, 2 }, { Carrier.Http1, 125, 8 }, { Carrier.Http1, 126, 8 }, { Carrier.Http1, 65_535, 8 },
        { Carrier.Http2, 125, 2 }, { Carrier.Http2, 65_535, 8 },
    };

    public static TheoryData<Carrier, string> Malformed => Carriers.With(BadFrames.Keys);

    private static Dictionary<string, byte[]> BadFrames => new()
    {
        ["unmasked text"] = ClientFrame.Build(WireOpcode.Text, "text"u8, mask: null),
        ["unmasked and empty"] = ClientFrame.Build(WireOpcode.Text, [], mask: null),
        ["unmasked ping"] = ClientFrame.Build(WireOpcode.Ping, "ping"u8, mask: null),
        ["reserved bit 1"] = ClientFrame.Build(WireOpcode.Text, "text"u8, reservedBits: 4),
        ["reserved bit 2"] = ClientFrame.Build(WireOpcode.Binary, "text"u8, reservedBits: 2),
        ["reserved bit 3"] = ClientFrame.Build(WireOpcode.Ping, "text"u8, reservedBits: 1),
        ["all reserved bits"] = ClientFrame.Build(WireOpcode.Text, [], reservedBits: 7),
        ["opcode 3"] = ClientFrame.Build((WireOpcode)0x3, "text"u8),
        ["opcode 4"] = ClientFrame.Build((WireOpcode)0x4, []),
        ["opcode 5"] = ClientFrame.Build((WireOpcode)0x5, []),
        ["opcode 6"] = ClientFrame.Build((WireOpcode)0x6, []),
        ["opcode 7"] = ClientFrame.Build((WireOpcode)0x7, "text"u8),
        ["opcode 11"] = ClientFrame.Build((WireOpcode)0xB, []),
        ["opcode 12"] = ClientFrame.Build((WireOpcode)0xC, []),
        ["opcode 13"] = ClientFrame.Build((WireOpcode)0xD, []),
        ["opcode 14"] = ClientFrame.Build((WireOpcode)0xE, []),
        ["opcode 15"] = ClientFrame.Build((WireOpcode)0xF, "text"u8),
        ["length above 2^63"] = LengthAbove63Bits(),
    };

    [Theory]
    [MemberData(nameof(EveryLength))]
    public async Task Binary_AnyLength_ComesBackByteForByte(Carrier carrier, int length)
    {
        await using var peer = await server.ConnectAsync(carrier);
        var payload = new byte[length];
        new Random(length).NextBytes(payload);

        var sending = peer.SendAsync(ClientFrame.Binary(payload));
        var echo = await peer.ReadAsync(WireOpcode.Binary);
        await sending;

        echo.Fin.Should().BeTrue();
        echo.Payload.AsSpan().SequenceEqual(payload).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(EveryLength))]
    public async Task Text_AnyLength_ComesBackAsText(Carrier carrier, int length)
    {
        await using var peer = await server.ConnectAsync(carrier);
        var text = new string('t', length);

        var sending = peer.SendAsync(ClientFrame.Text(text));
        var echo = await peer.ReadAsync(WireOpcode.Text);
        await sending;

        echo.Fin.Should().BeTrue();
        string.Equals(echo.Text, text, StringComparison.Ordinal).Should().BeTrue();
    }

    /// <summary>Section 5.2 asks for the shortest form.</summary>
    [Theory]
    [MemberData(nameof(LongForms))]
    public async Task Message_LengthInLongerForm_IsAnsweredWith1002(Carrier carrier, int length, int lengthBytes)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Binary, new byte[length], lengthBytes: lengthBytes));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(ProtocolError);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Frame_Malformed_IsAnsweredWith1002(Carrier carrier, string frame)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await peer.SendAsync(BadFrames[frame]);

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(ProtocolError);
        peer.Reset();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.ProtocolError);
        ((int?)record.LocalStatus).Should().Be(ProtocolError);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Frame_ByteByByte_IsPutTogether(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        foreach (var value in ClientFrame.Text(new string('x', 130)))
            await peer.SendAsync([value]);

        (await peer.ReadAsync(WireOpcode.Text)).Payload.Should().HaveCount(130);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Frames_ManyInOneSegment_ComeBackInOrder(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync([.. Enumerable.Range(0, 200).Select(i => ClientFrame.Text($"{i}"))]);

        for (var i = 0; i < 200; i++)
            (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be($"{i}");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x01020304u)]
    public async Task Frame_AnyMask_IsUnmasked(uint mask)
    {
        await using var peer = await server.ConnectAsync(Carrier.Http1);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, "unmasked"u8, mask: mask));

        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("unmasked");
    }

    private static byte[] LengthAbove63Bits()
    {
        var frame = ClientFrame.Build(WireOpcode.Binary, [], lengthBytes: 8);
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), ulong.MaxValue);
        return frame;
    }
}
