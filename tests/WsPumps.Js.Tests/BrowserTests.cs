using Microsoft.Playwright;

namespace WsPumps.Js.Tests;

/// <summary>The script in a real browser, against a real server.</summary>
public sealed class BrowserTests(Chromium browser) : ChromiumTests(browser)
{
    /// <summary>Opens a connection in the page and keeps what it tells.</summary>
    private const string Open = """
        async (options) => {
          const { ReconnectingWebSocket } = await import('/ws-pumps.js');
          const socket = (window.socket = new ReconnectingWebSocket(options.resume ? '/session' : '/socket', [], { firstDelay: 20, ...options }));
          window.events = [];
          for (const type of ['open', 'message', 'error', 'close', 'reconnecting', 'unsent'])
            socket.addEventListener(type, (event) => events.push({ type, data: event.data, code: event.code, reason: event.reason, delay: event.delay, resumed: event.resumed, kind: event.constructor.name, at: Date.now() }));
        }
        """;

    [ChromiumFact]
    public async Task Socket_Messages_GoBothWays()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server);

        await page.EvaluateAsync("socket.binaryType = 'arraybuffer'; socket.send('text'); socket.send(new Uint8Array([1, 2, 3])); socket.send(new Blob(['blob']))");
        await UntilAsync(page, "events.filter((e) => e.type === 'message').length === 3");

        (await page.EvaluateAsync<string>("events.filter((e) => e.type === 'message').map(({ data }) => typeof data === 'string' ? data : [...new Uint8Array(data)].join()).join(' ')"))
            .Should().Be("text 1,2,3 98,108,111,98");
        (await page.EvaluateAsync<bool>("socket instanceof EventTarget && socket.readyState === WebSocket.OPEN && socket.url === new URL('/socket', location.href).href.replace('http', 'ws')"))
            .Should().BeTrue();
    }

    [ChromiumFact]
    public async Task Socket_ServerRestarted_ComesBackAndSendsWhatWaited()
    {
        var port = BrowserServer.FindPort();
        IPage page;
        await using (var first = await BrowserServer.StartAsync(port, options => options.Drain.ReconnectWithin = TimeSpan.Zero))
        {
            page = await OpenAsync(first);
            await UntilAsync(page, "socket.readyState === 1");
        }

        await UntilAsync(page, "socket.readyState === 0");
        await page.EvaluateAsync("socket.send('one'); socket.send('two')");
        await using var second = await BrowserServer.StartAsync(port);
        await UntilAsync(page, "events.filter((e) => e.type === 'message').length === 2");

        second.Received.Should().Equal("one", "two");
        (await page.EvaluateAsync<int>("events.find((e) => e.type === 'reconnecting').code")).Should().Be(1001);
    }

    [ChromiumFact]
    public async Task Socket_ServerDrains_ComesBackWhenItWasTold()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server);
        await page.EvaluateAsync("socket.send('close 1012 restart; reconnect after 700 ms')");
        await UntilAsync(page, "events.filter((e) => e.type === 'open').length === 2");

        (await page.EvaluateAsync<double>("events.find((e) => e.type === 'reconnecting').delay")).Should().Be(700);
        (await page.EvaluateAsync<double>("(([lost, open]) => open.at - lost.at)(events.filter((e) => ['reconnecting', 'open'].includes(e.type)).slice(1))"))
            .Should().BeGreaterThanOrEqualTo(690);
    }

    [ChromiumFact]
    public async Task Socket_ClosedForGood_StaysAway()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server, "{ stopCodes: [4123] }");
        await page.EvaluateAsync("socket.send('close 4123 go away')");
        await UntilAsync(page, "events.at(-1)?.type === 'close'");

        (await page.EvaluateAsync<string>("`${events.at(-1).code} ${events.at(-1).reason} ${socket.readyState}`")).Should().Be("4123 go away 3");
    }

    [ChromiumFact]
    public async Task Socket_NetworkCutAndRestored_ComesBackAtOnceWithOneConnection()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server, "{ firstDelay: 600_000, maxDelay: 600_000 }");
        await UntilAsync(page, "socket.readyState === 1");

        await page.Context.SetOfflineAsync(true).InTime();
        await page.EvaluateAsync("socket.reconnect()");
        await UntilAsync(page, "events.at(-1)?.type === 'reconnecting'");
        await page.EvaluateAsync("socket.send('written offline')");
        await page.Context.SetOfflineAsync(false).InTime();
        await UntilAsync(page, "events.filter((e) => e.type === 'message').length === 1");

        server.Received.Should().Equal("written offline");
        await UntilAsync(() => server.Broadcaster.Manager.Clients.Count == 1);
    }

    [ChromiumFact]
    public async Task Socket_NetworkReplacedUnderAnOpenConnection_IsReplacedToo()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server);
        await UntilAsync(page, "socket.readyState === 1");

        await page.Context.SetOfflineAsync(true).InTime();
        await page.Context.SetOfflineAsync(false).InTime();
        await UntilAsync(page, "events.filter((e) => e.type === 'open').length === 2 && socket.readyState === 1");

        await UntilAsync(() => server.Broadcaster.Manager.Clients.Count == 1);
    }

    [ChromiumFact]
    public async Task Socket_PageFrozenAndThawed_MissesNothing()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server);
        await UntilAsync(page, "socket.readyState === 1");
        var session = await page.Context.NewCDPSessionAsync(page).InTime();

        await session.SendAsync("Page.setWebLifecycleState", new() { ["state"] = "frozen" }).InTime();
        for (var i = 0; i < 100; i++)
            server.Broadcaster.Manager.Clients.Single().Write(PreparedMessage.Text($"{i}"));
        await session.SendAsync("Page.setWebLifecycleState", new() { ["state"] = "active" }).InTime();
        await UntilAsync(page, "events.filter((e) => e.type === 'message').length === 100");

        (await page.EvaluateAsync<bool>("events.filter((e) => e.type === 'message').every((e, i) => e.data === String(i))")).Should().BeTrue();
    }

    [ChromiumFact]
    public async Task Close_Open_LeavesNothingAtTheServer()
    {
        await using var server = await BrowserServer.StartAsync();
        var page = await OpenAsync(server);
        await UntilAsync(page, "socket.readyState === 1");
        var client = server.Broadcaster.Manager.Clients.Single();

        await page.EvaluateAsync("socket.close(4000, 'bye')");
        await UntilAsync(page, "socket.readyState === 3");

        (await client.Completion.InTime()).PeerStatus.Should().Be((System.Net.WebSockets.WebSocketCloseStatus)4000);
        (await page.EvaluateAsync<string>("events.map((e) => `${e.type} ${e.kind}`).join()")).Should().Be("open Event,close CloseEvent");
        server.Broadcaster.Manager.Clients.Should().BeEmpty();
    }

    private async Task<IPage> OpenAsync(BrowserServer server, string options = "{}")
    {
        var page = await Browser.OpenAsync(server.Address);
        await page.EvaluateAsync($"({Open})({options})").InTime();
        return page;
    }

    private static Task<IJSHandle> UntilAsync(IPage page, string condition) => page.WaitForFunctionAsync(condition).InTime();

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition())
            await Task.Delay(10, limit.Token);
    }
}
