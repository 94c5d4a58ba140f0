using System.Net.WebSockets;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 6455, sections 5.5.1, 7.1 and 7.4.</summary>
public sealed class CloseTests(EchoServer server) : IClassFixture<EchoServer>
{
    private const int Repetitions = 100;

    public static TheoryData<Carrier, int> ValidCodes => Carriers.With(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999);

    public static TheoryData<Carrier, int> InvalidCodes => Carriers.With(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535);

    [Theory]
    [MemberData(nameof(ValidCodes))]
    public async Task Close_WithCode_IsMirrored(Carrier carrier, int code)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await peer.SendAsync(ClientFrame.Close(code));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(code);
        await peer.ReadEndAsync();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.PeerClosed);
        ((int?)record.PeerStatus).Should().Be(code);
        ((int?)record.LocalStatus).Should().Be(code);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_WithoutBody_IsAnsweredAndEndsTheConnection(Carrier carrier)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await peer.SendAsync(ClientFrame.Close());

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1000);
        await peer.ReadEndAsync();
        (await client.Completion.InTime()).PeerStatus.Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_WithReason_IsReportedAndMirrored(Carrier carrier)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        var reason = new string('r', 119) + "\U0001F600";
        await peer.SendAsync(ClientFrame.Close(4001, reason));

        var close = await peer.ReadAsync(WireOpcode.Close);
        close.CloseCode.Should().Be(4001);
        close.CloseReason.Should().Be(reason);
        (await client.Completion.InTime()).PeerReason.Should().Be(reason);
    }

    [Theory]
    [MemberData(nameof(InvalidCodes))]
    public async Task Close_WithInvalidCode_IsAnsweredWith1002(Carrier carrier, int code)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        await peer.SendAsync(ClientFrame.Close(code));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
        peer.Reset();
        (await client.Completion.InTime()).Reason.Should().Be(DisconnectReason.ProtocolError);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_WithHalfACode_IsAnsweredWith1002(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Close, [3]));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_ReasonNotUtf8_IsAnsweredWith1007(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Close, [0x03, 0xE8, 0xC3, 0x28]));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1007);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_InsideAFragmentedMessage_IsAnswered(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, "never "u8, fin: false), ClientFrame.Close(1001));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1001);
        await peer.ReadEndAsync();
    }

    /// <summary>What follows a close frame has no meaning, and must not cost the peer our answer to it.</summary>
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Close_WithDataBehindIt_IsAnsweredAndTheDataIgnored(Carrier carrier)
    {
        for (var i = 0; i < Repetitions; i++)
        {
            var (peer, client) = await server.OpenAsync(carrier);
            await using var disposing = peer;
            await peer.SendAsync(ClientFrame.Text("before"), ClientFrame.Close(1000), ClientFrame.Text("after"), ClientFrame.Binary(new byte[5000]));

            (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("before");
            (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1000);
            await peer.ReadEndAsync();
            var record = await client.Completion.InTime();
            record.Reason.Should().Be(DisconnectReason.PeerClosed);
            record.MessagesReceived.Should().Be(1);
        }
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task CloseAsync_OfTheServer_IsTheLastFrame(Carrier carrier)
    {
        var (peer, client) = await server.OpenAsync(carrier);
        await using var disposing = peer;
        for (var i = 0; i < 100; i++)
            client.Write($"{i}").Should().Be(WriteResult.Queued);
        var closing = client.CloseAsync((WebSocketCloseStatus)4321, "done");
        client.Write("too late").Should().Be(WriteResult.Closed);
        await peer.SendAsync(ClientFrame.Ping("late"u8), ClientFrame.Text("late"));

        var frames = await peer.ReadToCloseAsync().InTime();
        frames.Where(frame => !frame.IsControl).Select(frame => frame.Text).Should().Equal(Enumerable.Range(0, 100).Select(i => $"{i}"));
        frames[^1].CloseCode.Should().Be(4321);
        frames[^1].CloseReason.Should().Be("done");
        await closing.InTime();

        await peer.SendAsync(ClientFrame.Ping("later"u8), ClientFrame.Close(4321));
        await peer.ReadEndAsync();
        var record = await client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.LocalClosed);
        ((int?)record.PeerStatus).Should().Be(4321);
    }
}
