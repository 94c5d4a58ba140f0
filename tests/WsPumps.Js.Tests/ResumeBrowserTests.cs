using Microsoft.Playwright;

namespace WsPumps.Js.Tests;

/// <summary>Sessions that resume, in a real browser and with a real server: counted in both directions.</summary>
public sealed class ResumeBrowserTests(Chromium browser) : ChromiumTests(browser)
{
    private const string Open = """
        async () => {
          const { ReconnectingWebSocket } = await import('/ws-pumps.js');
          window.socket = new ReconnectingWebSocket('/session', [], { resume: true, firstDelay: 50, maxDelay: 100 });
          window.messages = [];
          window.opens = [];
          window.sent = 0;
          socket.onmessage = (event) => messages.push(event.data);
          socket.onopen = (event) => opens.push(event.resumed);
          window.talk = (count) => { for (let i = 0; i < count; i++) socket.send(`c${sent++}`); };
        }
        """;

    [ChromiumFact]
    public async Task Resume_ConnectionBreaksWhileBothTalk_NothingIsLostOrDoubled()
    {
        await using var server = await BrowserServer.StartAsync();
        var (page, client) = await OpenAsync(server);
        var written = 0;
        for (var life = 1; life <= 10; life++)
        {
            for (var i = 0; i < 20; i++)
                client.Write(PreparedMessage.Text($"s{written++}")).Should().Be(WriteResult.Queued);
            await page.EvaluateAsync("talk(20)");
            server.Cut();
            // Nobody has to have noticed yet.
            for (var i = 0; i < 20; i++)
                client.Write(PreparedMessage.Text($"s{written++}")).Should().Be(WriteResult.Queued);
            await page.EvaluateAsync("talk(20)");
            await page.WaitForFunctionAsync("opens.length > " + life).InTime();
        }

        await ExpectAllAsync(server, page, written, sent: 400);
        (await page.EvaluateAsync<bool>("opens.slice(1).every((resumed) => resumed)")).Should().BeTrue();
        server.Broadcaster.All.Local.Should().ContainSingle().Which.Should().BeSameAs(client);
    }

    [ChromiumFact]
    public async Task Resume_NetworkCutAndRestoredByTheBrowser_NothingIsLostOrDoubled()
    {
        await using var server = await BrowserServer.StartAsync();
        var (page, client) = await OpenAsync(server);
        var written = 0;
        for (var life = 1; life <= 5; life++)
        {
            await page.Context.SetOfflineAsync(true).InTime();
            for (var i = 0; i < 30; i++)
                client.Write(PreparedMessage.Text($"s{written++}")).Should().Be(WriteResult.Queued);
            await page.EvaluateAsync("talk(30)");
            await page.Context.SetOfflineAsync(false).InTime();
            await page.WaitForFunctionAsync("opens.length > " + life).InTime();
        }

        await ExpectAllAsync(server, page, written, sent: 150);
        (await page.EvaluateAsync<bool>("opens.slice(1).every((resumed) => resumed)")).Should().BeTrue();
    }

    [ChromiumFact]
    public async Task Resume_TabFrozenWhileTheConnectionBreaks_NothingIsLostOrDoubled()
    {
        await using var server = await BrowserServer.StartAsync();
        var (page, client) = await OpenAsync(server);
        var session = await page.Context.NewCDPSessionAsync(page).InTime();
        await session.SendAsync("Page.setWebLifecycleState", new() { ["state"] = "frozen" }).InTime();
        for (var i = 0; i < 50; i++)
            client.Write(PreparedMessage.Text($"s{i}"));
        server.Cut();
        for (var i = 50; i < 100; i++)
            client.Write(PreparedMessage.Text($"s{i}"));

        await session.SendAsync("Page.setWebLifecycleState", new() { ["state"] = "active" }).InTime();

        await ExpectAllAsync(server, page, written: 100, sent: 0);
    }

    [ChromiumFact]
    public async Task Resume_ServerRestarted_IsToldAsFresh()
    {
        var port = BrowserServer.FindPort();
        IPage page;
        await using (var first = await BrowserServer.StartAsync(port, options => options.Drain.ReconnectWithin = TimeSpan.Zero))
            (page, _) = await OpenAsync(first);
        await using var second = await BrowserServer.StartAsync(port);

        await page.WaitForFunctionAsync("opens.length === 2").InTime();

        (await page.EvaluateAsync<string>("opens.join()")).Should().Be("false,false");
        await page.EvaluateAsync("talk(3)");
        await ExpectAllAsync(second, page, written: 0, sent: 3);
    }

    private async Task<(IPage Page, IClient Client)> OpenAsync(BrowserServer server)
    {
        var page = await Browser.OpenAsync(server.Address);
        await page.EvaluateAsync(Open).InTime();
        await page.WaitForFunctionAsync("opens.length === 1").InTime();
        // The page is told before the server has registered it.
        await UntilAsync(() => server.Broadcaster.All.Local.Count == 1);
        return (page, server.Broadcaster.All.Local.Single());
    }

    private static async Task ExpectAllAsync(BrowserServer server, IPage page, int written, int sent)
    {
        await page.WaitForFunctionAsync($"messages.length >= {written}").InTime();
        await UntilAsync(() => server.Received.Count() >= sent);
        (await page.EvaluateAsync<string[]>("messages")).Should().Equal(Enumerable.Range(0, written).Select(i => $"s{i}"));
        server.Received.Should().Equal(Enumerable.Range(0, sent).Select(i => $"c{i}"));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }
}
