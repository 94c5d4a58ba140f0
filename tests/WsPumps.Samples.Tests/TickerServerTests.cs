using System.Net;
using System.Net.WebSockets;

namespace WsPumps.Samples.Tests;

public sealed class TickerServerTests(TickerServer server) : IClassFixture<TickerServer>
{
    [Fact]
    public async Task Ticker_FastClient_GetsEverySymbolAndWhatIsKnownOfIt()
    {
        using var socket = await Socket.OpenAsync(server.Process, "/prices?view=1&panel=fast&policy=Disconnect");

        var symbols = new HashSet<string>();
        while (symbols.Count < 10)
            symbols.Add((string)(await socket.ReceiveJsonAsync("price"))["symbol"]!);

        // The first one may have been made before anything had left.
        long sent;
        do
        {
            var statistics = await socket.ReceiveJsonAsync("statistics");
            ((string?)statistics["panel"]).Should().Be("fast");
            sent = (long)statistics["sent"]!;
        }
        while (sent == 0);
    }

    [Fact]
    public async Task Ticker_TwoPages_EachIsToldOfItsOwnConnectionsOnly()
    {
        using var mine = await Socket.OpenAsync(server.Process, "/prices?view=mine&panel=fast&policy=Disconnect");
        using var other = await Socket.OpenAsync(server.Process, "/prices?view=other&panel=slow&policy=Conflate");
        await other.ReceiveJsonAsync("price");

        for (var told = 0; told < 4; told++)
            ((string?)(await mine.ReceiveJsonAsync("statistics"))["panel"]).Should().Be("fast");
    }

    [Theory]
    [InlineData("view=1&panel=fast")]
    [InlineData("view=1&panel=fast&policy=Sometimes")]
    [InlineData("panel=fast&policy=Conflate")]
    public async Task Ticker_QueryIncomplete_Refused(string query)
    {
        using var socket = new Socket();

        await socket.Awaiting(it => it.ConnectAsync(server.Process, $"/prices?{query}")).Should().ThrowAsync<WebSocketException>();

        socket.HandshakeStatus.Should().Be(HttpStatusCode.BadRequest);
    }
}
