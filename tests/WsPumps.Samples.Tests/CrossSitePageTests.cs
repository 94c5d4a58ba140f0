using Microsoft.Playwright;

namespace WsPumps.Samples.Tests;

/// <summary>The same-origin check as a real browser meets it: a page cannot lie about where it comes from.</summary>
public sealed class CrossSitePageTests(Chromium chromium, ChatServer server) : ChromiumTests(chromium), IClassFixture<ChatServer>
{
    private const string Connect =
        """
        url => new Promise(resolve => {
            const socket = new WebSocket(url);
            socket.onopen = () => resolve('open');
            socket.onclose = close => resolve(`closed with ${close.code}`);
        })
        """;

    [ChromiumFact]
    public async Task Page_OfTheSameSite_Connects()
    {
        var chat = server.Process;
        var page = await OpenAsync(chat.Address);

        (await ConnectAsync(page, chat)).Should().Be("open");
    }

    [ChromiumFact]
    public async Task Page_OfAnotherSite_IsRefusedAndTheLogNamesTheOption()
    {
        var chat = server.Process;
        // The same server, but to the browser another site: the page is not of 127.0.0.1.
        var page = await OpenAsync(new UriBuilder(chat.Address) { Host = "localhost" }.Uri);

        (await ConnectAsync(page, chat)).Should().Be("closed with 1006");

        await chat.SaysAsync($"http://localhost:{chat.Address.Port} was refused");
        chat.Output.Should().Contain("AllowedOrigins");
    }

    [ChromiumFact]
    public async Task Page_OfAnotherPort_IsRefused()
    {
        var chat = server.Process;
        await using var other = await SampleProcess.StartAsync("Chat");
        var page = await OpenAsync(other.Address);

        (await ConnectAsync(page, chat)).Should().Be("closed with 1006");
        (await ConnectAsync(page, other)).Should().Be("open");
    }

    /// <summary>Any page of the site will do, but for the chat's own: its content security policy would not even let it try.</summary>
    private Task<IPage> OpenAsync(Uri site) => Browser.OpenAsync(new Uri(site, "chat.css"));

    private static Task<string> ConnectAsync(IPage page, SampleProcess chat) =>
        page.EvaluateAsync<string>(Connect, new UriBuilder(chat.Address) { Scheme = "ws", Path = "/chat" }.Uri.AbsoluteUri).InTime();
}
