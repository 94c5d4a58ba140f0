using System.Text.Json;
using Microsoft.Playwright;

namespace WsPumps.Js.Tests;

/// <summary>Compression as a browser speaks it: agreed on in the handshake, and used both ways.</summary>
public sealed class CompressionBrowserTests(Chromium browser) : ChromiumTests(browser)
{
    private const string Agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    private const int Items = 1_000;

    [ChromiumFact]
    public async Task Page_ServerCompresses_MessagesGoCompressedBothWays()
    {
        await using var server = await BrowserServer.StartAsync(options: options => options.Compression = new CompressionOptions());
        var page = await Browser.OpenAsync(server.Address);
        var handshake = await HandshakesOf(page);

        await ConnectAsync(page);
        var response = await handshake.InTime();
        var sent = await page.EvaluateAsync<string>("text");
        var client = server.Broadcaster.Manager.Clients.Single();

        response.Request.Should().Contain("permessage-deflate");
        response.Response.Should().Be(Agreed);
        (await page.EvaluateAsync<string>("socket.extensions")).Should().Be(Agreed);
        server.Received.Should().Equal(sent);
        (await page.EvaluateAsync<bool>("received.length === 1 && received[0] === text")).Should().BeTrue();
        var statistics = client.Statistics;
        statistics.BytesSent.Should().BeInRange(1, sent.Length / 3, "the answer went compressed");
        statistics.CompressedBytesReceived.Should().BeInRange(1, sent.Length / 3, "the browser compressed it");
        (statistics.UncompressedBytesSent, statistics.BytesReceived).Should().Be((sent.Length, sent.Length));
    }

    [ChromiumFact]
    public async Task Page_ServerDoesNotCompress_NothingIsAgreedOn()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await Browser.OpenAsync(server.Address);
        var handshake = await HandshakesOf(page);

        await ConnectAsync(page);
        var response = await handshake.InTime();

        response.Request.Should().Contain("permessage-deflate");
        response.Response.Should().BeEmpty();
        (await page.EvaluateAsync<string>("socket.extensions")).Should().BeEmpty();
        server.Broadcaster.Manager.Clients.Single().Statistics.BytesSent.Should().Be(await page.EvaluateAsync<int>("text.length"));
    }

    /// <summary>Sends a text that shrinks, and waits for it to come back.</summary>
    private static async Task ConnectAsync(IPage page)
    {
        await page.EvaluateAsync($$"""
            () => {
              window.received = [];
              window.text = JSON.stringify(Array.from({ length: {{Items}} }, (_, i) => ({ id: i, name: `name ${i}` })));
              window.socket = new WebSocket(new URL('/socket', location.href).href.replace('http', 'ws'));
              socket.onopen = () => socket.send(text);
              socket.onmessage = (event) => received.push(event.data);
            }
            """).InTime();
        await page.WaitForFunctionAsync("received.length === 1").InTime();
    }

    /// <summary>The extensions that the next WebSocket of the page offers, and those that are chosen, as the browser's network stack saw them.</summary>
    private static async Task<Task<(string Request, string Response)>> HandshakesOf(IPage page)
    {
        var seen = new TaskCompletionSource<(string, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var session = await page.Context.NewCDPSessionAsync(page).InTime();
        session.Event("Network.webSocketHandshakeResponseReceived").OnEvent += (_, told) =>
        {
            var response = told!.Value.GetProperty("response");
            seen.TrySetResult((Extensions(response.GetProperty("requestHeaders")), Extensions(response.GetProperty("headers"))));
        };
        await session.SendAsync("Network.enable").InTime();
        return seen.Task;
    }

    private static string Extensions(JsonElement headers) => headers.EnumerateObject()
        .Where(header => header.Name.Equals("Sec-WebSocket-Extensions", StringComparison.OrdinalIgnoreCase))
        .Select(header => header.Value.GetString())
        .SingleOrDefault() ?? "";
}
