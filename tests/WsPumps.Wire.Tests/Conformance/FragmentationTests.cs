using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 6455, section 5.4.</summary>
public sealed class FragmentationTests(EchoServer server) : IClassFixture<EchoServer>
{
    private const int ManyFragments = 65_536;

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Message_InManyFragments_IsPutTogether(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync([.. Enumerable.Range(0, ManyFragments).Select(FragmentOf)]);

        var echo = await peer.ReadAsync(WireOpcode.Binary);
        echo.Payload.AsSpan().SequenceEqual(Enumerable.Range(0, ManyFragments).Select(i => (byte)i).ToArray()).Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Message_WithEmptyFragments_IsPutTogether(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(
            ClientFrame.Build(WireOpcode.Text, [], fin: false),
            ClientFrame.Build(WireOpcode.Continuation, [], fin: false),
            ClientFrame.Build(WireOpcode.Continuation, "all"u8, fin: false),
            ClientFrame.Build(WireOpcode.Continuation, []));

        (await peer.ReadAsync(WireOpcode.Text)).Text.Should().Be("all");
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Message_OfEmptyFragmentsOnly_IsEmpty(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Binary, [], fin: false), ClientFrame.Build(WireOpcode.Continuation, []));

        (await peer.ReadAsync(WireOpcode.Binary)).Payload.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Continuation_WithoutStart_IsAnsweredWith1002(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Continuation, "text"u8));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Continuation_AfterTheEnd_IsAnsweredWith1002(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(
            ClientFrame.Build(WireOpcode.Text, "te"u8, fin: false), ClientFrame.Build(WireOpcode.Continuation, "xt"u8), ClientFrame.Build(WireOpcode.Continuation, []));

        var frames = await peer.ReadToCloseAsync().InTime();
        frames[^1].CloseCode.Should().Be(1002);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Message_InsideAnother_IsAnsweredWith1002(Carrier carrier)
    {
        await using var peer = await server.ConnectAsync(carrier);
        await peer.SendAsync(ClientFrame.Build(WireOpcode.Text, "te"u8, fin: false), ClientFrame.Text("text"));

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1002);
    }

    private static byte[] FragmentOf(int index) => ClientFrame.Build(
        index == 0 ? WireOpcode.Binary : WireOpcode.Continuation, [(byte)index], fin: index == ManyFragments - 1);
}
