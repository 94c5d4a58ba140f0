using System.Net.WebSockets;
using WsPumps.Wire.Tests.Clients;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Endings;

/// <summary>What a header announces is refused with the header: nobody has to send, or to buffer, what is thrown away.</summary>
public sealed class AnnouncedLengthTests
{
    private const int Limit = 1000;

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Header_AnnouncesMoreThanTheLimit_IsRefusedBeforeAByteOfItHasCome(Carrier carrier)
    {
        var frame = ClientFrame.Binary(new byte[Limit + 1]);

        await ExpectTooBigAsync(carrier, frame[..^(Limit + 1)]);
    }

    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public async Task Header_OfAFragmentThatPassesTheLimit_IsRefusedBeforeAByteOfItHasCome(Carrier carrier)
    {
        var first = ClientFrame.Build(WireOpcode.Binary, new byte[Limit - 10], fin: false);
        var second = ClientFrame.Build(WireOpcode.Continuation, new byte[11], fin: false);

        await ExpectTooBigAsync(carrier, first, second[..^11]);
    }

    /// <summary>Two to the power of 63 less one: the most that a header can say.</summary>
    [Theory]
    [MemberData(nameof(Carriers.All), MemberType = typeof(Carriers))]
    public Task Header_AnnouncesTheMostThereIs_IsRefused(Carrier carrier) =>
        ExpectTooBigAsync(carrier, [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]);

    private static async Task ExpectTooBigAsync(Carrier carrier, params byte[][] sent)
    {
        // The clock stands still: no deadline ends it.
        await using var server = await WireServer.StartEchoAsync(endpoint => endpoint.Options.MaxMessageSize = Limit, new ManualTimeProvider());
        await using var peer = await server.ConnectAsync(carrier);

        await peer.SendAsync(sent);

        (await peer.ReadAsync(WireOpcode.Close)).CloseCode.Should().Be(1009);
        peer.Reset();
        var record = await server.NextEndAsync();
        record.Reason.Should().Be(DisconnectReason.MessageTooBig);
        record.LocalStatus.Should().Be(WebSocketCloseStatus.MessageTooBig);
        record.MessagesReceived.Should().Be(0);
    }
}
