using System.Net;
using System.Net.WebSockets;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Endpoints;

/// <summary>Compression from the handshake on, with the platform's client as the peer.</summary>
public sealed class CompressionTests
{
    private const string Extensions = "Sec-WebSocket-Extensions";

    private static readonly string Text = string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"id\":{i}}}"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_PeerThatOffers_AreCompressedBothWays(bool keepsContext)
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.Compression = new CompressionOptions());
        var peer = await host.ConnectAsync(configure: options => options.DangerousDeflateOptions = new WebSocketDeflateOptions { ClientContextTakeover = keepsContext });
        var client = await host.Callbacks.NextRegisteredAsync();
        for (var i = 0; i < 3; i++)
        {
            await peer.SendTextAsync(Text);
            (await peer.ReceiveTextAsync()).Should().Be(Text);
        }

        client.Statistics.BytesSent.Should().BeLessThan(Text.Length);
        client.Statistics.UncompressedBytesSent.Should().Be(3 * Text.Length);
        client.Statistics.BytesReceived.Should().Be(3 * Text.Length);
        client.Statistics.CompressedBytesReceived.Should().BeInRange(1, Text.Length);
    }

    [Fact]
    public async Task Statistics_PeerThatDoesNotOffer_BothSizesAreTheSame()
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.Compression = new CompressionOptions());
        var peer = await host.ConnectAsync();
        var client = await host.Callbacks.NextRegisteredAsync();
        await peer.SendTextAsync(Text);
        (await peer.ReceiveTextAsync()).Should().Be(Text);

        client.Statistics.Should().Match<ClientStatistics>(now => now.BytesSent == Text.Length && now.UncompressedBytesSent == Text.Length
            && now.BytesReceived == Text.Length && now.CompressedBytesReceived == Text.Length);
    }

    [Fact]
    public async Task Statistics_MessagesThatAreStreamed_TellBothSizesToo()
    {
        await using var host = await PumpsHost.StartAsync(endpoint =>
        {
            endpoint.Options.Compression = new CompressionOptions();
            endpoint.OnMessageStream(async (client, message, cancellationToken) =>
            {
                await message.Stream.CopyToAsync(Stream.Null, cancellationToken);
                await client.WriteAsync("read", cancellationToken);
            });
        });
        var peer = await host.ConnectAsync(configure: options => options.DangerousDeflateOptions = new WebSocketDeflateOptions());
        var client = await host.Callbacks.NextRegisteredAsync();
        await peer.SendTextAsync(Text);
        (await peer.ReceiveTextAsync()).Should().Be("read");

        client.Statistics.BytesReceived.Should().Be(Text.Length);
        client.Statistics.CompressedBytesReceived.Should().BeInRange(1, Text.Length / 2);
    }

    [Fact]
    public async Task Handshake_OptionNotSet_AgreesOnNothing()
    {
        await using var host = await StartAsync(_ => { });
        using var answer = await host.HandshakeAsync("/", (Extensions, "permessage-deflate"));

        answer.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        answer.Headers.Contains(Extensions).Should().BeFalse();
    }

    [Theory]
    [InlineData("permessage-deflate; client_max_window_bits", true)]
    [InlineData("permessage-deflate; unknown", false)]
    [InlineData("other", false)]
    public async Task Handshake_OptionSet_AnswersWhatIsAcceptable(string offer, bool accepted)
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.Compression = new CompressionOptions());
        using var answer = await host.HandshakeAsync("/", (Extensions, offer));

        answer.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        if (accepted)
            answer.Headers.GetValues(Extensions).Should().Equal("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
        else
            answer.Headers.Contains(Extensions).Should().BeFalse();
    }

    [Theory]
    [InlineData("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.0 Safari/605.1.15", false)]
    [InlineData("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.3 Safari/605.1.15", false)]
    [InlineData("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15", true)]
    [InlineData("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.10 Safari/605.1.15", true)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36", true)]
    public async Task Handshake_Browser_OnlyTheOnesThatCanReadItGetIt(string userAgent, bool accepted)
    {
        await using var host = await StartAsync(endpoint => endpoint.Options.Compression = new CompressionOptions());
        using var answer = await host.HandshakeAsync("/", (Extensions, "permessage-deflate"), ("User-Agent", userAgent));

        answer.Headers.Contains(Extensions).Should().Be(accepted);
    }

    [Fact]
    public async Task Setup_OfOneConnection_SwitchesItOff()
    {
        await using var host = await StartAsync(endpoint =>
        {
            endpoint.Options.Compression = new CompressionOptions();
            endpoint.Setup(setup =>
            {
                if (setup.HttpContext.Request.QueryString.HasValue)
                    setup.Options.Compression = null;
                return default;
            });
        });
        using var without = await host.HandshakeAsync("/?plain", (Extensions, "permessage-deflate"));
        using var with = await host.HandshakeAsync("/", (Extensions, "permessage-deflate"));

        without.Headers.Contains(Extensions).Should().BeFalse();
        with.Headers.Contains(Extensions).Should().BeTrue();
    }

    [Theory]
    [InlineData(-1, 15, "Threshold is -1")]
    [InlineData(0, 8, "ServerMaxWindowBits is 8")]
    [InlineData(0, 16, "ServerMaxWindowBits is 16")]
    public async Task Options_OutOfRange_TheHostDoesNotStart(int threshold, int bits, string sentence)
    {
        var start = () => StartAsync(endpoint => endpoint.Options.Compression = new CompressionOptions { Threshold = threshold, ServerMaxWindowBits = bits });

        (await start.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain(sentence);
    }

    private static Task<PumpsHost> StartAsync(Action<WebSocketPumpsEndpointBuilder> configure) => PumpsHost.StartAsync(endpoint =>
    {
        configure(endpoint);
        Echo.Endpoint(endpoint);
    });
}
