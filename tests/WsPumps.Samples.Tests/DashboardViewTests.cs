using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;
using static WsPumps.Samples.Tests.DashboardScreens;

namespace WsPumps.Samples.Tests;

/// <summary>The pages of the dashboard, with nobody there but who a test brings.</summary>
public sealed class DashboardViewTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Key = "of-the-test";

    public static TheoryData<int, ColorScheme> Screens => DashboardScreens.All;

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Table_NamesOfAllKinds_StandForThemselvesAndNothingIsPushedOut(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        var visitors = new List<Socket>();
        foreach (var (name, _) in Names)
            visitors.Add(await VisitAsync(sample, name, name));
        var page = await OpenAsync(sample, width, scheme);
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(Names.Length);

        foreach (var (name, seen) in Names)
        {
            var user = page.GetByTestId("row").Locator(".user bdi").Filter(new() { HasText = seen });
            await Expect(user).ToHaveCountAsync(1);
            await Expect(user).ToHaveCSSAsync("unicode-bidi", "isolate");
            if (seen == name)
                await Expect(user).ToHaveAttributeAsync("title", name);
        }

        await Expect(page.GetByTestId("row").Locator(".groups bdi", new() { HasText = "adminU+202Etxt" })).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("row").Locator(".user bdi[title='admin[U+202E]txt']")).ToHaveCountAsync(1);
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
        (await page.TitleAsync()).Should().Be("WebSocket connections");
        await ExpectToFitAsync(page, width);
        foreach (var visitor in visitors)
            visitor.Dispose();
    }

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task ConnectionPage_NamesOfAllKinds_AreWholeAndFit(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        var page = await OpenAsync(sample, width, scheme);
        foreach (var (name, seen) in Names)
        {
            using var visitor = await VisitAsync(sample, name, name);
            await OpenConnectionAsync(page);

            await Expect(page.GetByTestId("handshake")).ToContainTextAsync("HTTP/1.1");
            await Expect(page.Locator("#connection-groups bdi").Filter(new() { HasText = seen })).ToHaveCountAsync(1);
            if (name.Length == 300)
                await Expect(page.GetByTestId("handshake")).ToContainTextAsync(name);
            await ExpectToFitAsync(page, width);
            await page.Locator("#connection-groups a").ClickAsync();
            await Expect(page.GetByTestId("group")).ToContainTextAsync("Members");
            await Expect(page.Locator("#members").GetByTestId("row")).ToHaveCountAsync(1);
            await ExpectToFitAsync(page, width);
            visitor.Dispose();
            await page.GotoAsync(new Uri(page.Url).GetLeftPart(UriPartial.Path)).InTime();
            await Expect(page.GetByTestId("empty").First).ToBeVisibleAsync();
        }
    }

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task GroupPages_NamesOfAllKinds_StandForThemselvesAndFit(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        var visitors = new List<Socket>();
        foreach (var (name, _) in Names)
            visitors.Add(await VisitAsync(sample, name, name));
        var page = await OpenAsync(sample, width, scheme);
        foreach (var (name, seen) in Names)
        {
            await page.GetByRole(AriaRole.Link, new() { Name = "Groups", Exact = true }).ClickAsync();
            var groups = page.Locator("#groups bdi");
            await Expect(groups).ToHaveCountAsync(Names.Length);
            var group = groups.Filter(new() { HasText = seen });
            await Expect(group).ToHaveCSSAsync("unicode-bidi", "isolate");
            await Expect(page.Locator("#groups b")).ToHaveTextAsync([.. Names.Select(_ => "1")]);
            await ExpectToFitAsync(page, width);

            await group.ClickAsync();

            await Expect(page.GetByTestId("group")).ToContainTextAsync("Members");
            await Expect(page.Locator("#group-title bdi")).ToHaveTextAsync(name.Length == 300 ? name : seen, new() { UseInnerText = true });
            var members = page.Locator("#members").GetByTestId("row");
            await Expect(members).ToHaveCountAsync(1);
            await Expect(members.Locator(".user bdi").Filter(new() { HasText = seen })).ToHaveCountAsync(1);
            await ExpectToFitAsync(page, width);
        }

        await Expect(page.Locator("img")).ToHaveCountAsync(0);
        (await page.TitleAsync()).Should().Be("WebSocket connections");
        foreach (var visitor in visitors)
            visitor.Dispose();
    }

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Log_NamesOfAllKinds_StandForThemselvesAndFit(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        var page = await OpenAsync(sample, width, scheme);
        await page.GetByRole(AriaRole.Link, new() { Name = "Log" }).ClickAsync();
        var events = page.GetByTestId("event");
        var visitors = new List<Socket>();
        foreach (var (name, seen) in Names)
        {
            visitors.Add(await VisitAsync(sample, name, name));
            // Opened, joined.
            await Expect(events).ToHaveCountAsync(visitors.Count * 2);
            var joined = events.First;
            await Expect(joined).ToContainTextAsync("joined");
            var texts = joined.Locator("bdi").Filter(new() { HasText = seen });
            await Expect(texts).ToHaveCountAsync(2);
            foreach (var text in await texts.AllAsync())
                await Expect(text).ToHaveCSSAsync("unicode-bidi", "isolate");
        }

        await Expect(events.Locator("bdi[title='admin[U+202E]txt']")).ToHaveCountAsync(3);
        await ExpectToFitAsync(page, width);
        (await page.EvaluateAsync<string[]>(
            """
            [...document.querySelectorAll(".event > *")].filter((part) => {
              const [box, row] = [part.getBoundingClientRect(), part.parentElement.getBoundingClientRect()];
              return box.left < row.left - 1 || box.right > row.right + 1;
            }).map((part) => part.outerHTML)
            """).InTime()).Should().BeEmpty("each part of a line is in its line");
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
        (await page.TitleAsync()).Should().Be("WebSocket connections");
        foreach (var visitor in visitors)
            visitor.Dispose();
    }

    [ChromiumFact]
    public async Task ConnectionPage_AnotherIsOpened_NothingOfTheFirstIsShownUnderItsName()
    {
        await using var sample = await StartAsync();
        using var ada = await VisitAsync(sample, "ada", "ACME");
        using var bela = await VisitAsync(sample, "bela", "BOLT");
        var page = await OpenAsync(sample);
        await page.GetByTestId("row").Filter(new() { HasText = "ada" }).Locator("td.id a").ClickAsync();
        await Expect(page.GetByTestId("handshake")).ToContainTextAsync("/feed/ACME");

        // At once after the address has changed, before any answer.
        var shown = await page.EvaluateAsync<bool>(
            """
            () => new Promise((done) => {
              addEventListener("hashchange", () => done(document.querySelector("[data-testid=handshake]").offsetParent !== null), { once: true });
              location.hash = "#/connection/another";
            })
            """).InTime();

        shown.Should().BeFalse();
        await Expect(page.Locator("#connection-title")).ToHaveTextAsync("another");
        await Expect(page.Locator("#connection-ended")).ToBeVisibleAsync();
    }

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Views_EachOfThem_FitAndSayWhatIsEmpty(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        var page = await OpenAsync(sample, width, scheme);

        await Expect(page.GetByTestId("empty").First).ToContainTextAsync("Nobody is connected");
        await Expect(page.GetByTestId("endings")).ToContainTextAsync("none yet");
        await ExpectToFitAsync(page, width);
        await page.GetByRole(AriaRole.Link, new() { Name = "Groups" }).ClickAsync();
        await Expect(page.GetByText("There are no groups.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Log" }).ClickAsync();
        await Expect(page.GetByText("Nothing has happened yet.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Server" }).ClickAsync();
        foreach (var fact in new[] { "Uptime", "Processors", "Memory", "Heap", "Collections", "Thread pool", "Heartbeat lag" })
            await Expect(page.GetByTestId("server")).ToContainTextAsync(fact);
        await ExpectToFitAsync(page, width);
        await page.EvaluateAsync("location.hash = '#/connection/nobody'").InTime();
        await Expect(page.Locator("#connection-ended")).ToBeVisibleAsync();
        await Expect(page.Locator("#connection-ended")).ToContainTextAsync("the log knows nothing");
        await Expect(page.Locator("#no-events")).ToBeVisibleAsync();
        foreach (var empty in new[] { "#connection-past", "#connection-now" })
            await Expect(page.Locator(empty)).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Cluster" })).ToHaveCountAsync(0);
    }

    [ChromiumFact]
    public async Task Charts_ServerRuns_HaveAxesAndTimes()
    {
        await using var sample = await StartAsync();
        using var visitor = await VisitAsync(sample, "ada", "ACME");
        var page = await OpenAsync(sample);

        var chart = page.GetByTestId("connections");
        await Expect(chart.Locator(".line")).ToHaveAttributeAsync("d", new Regex("^M.+L"));
        await Expect(chart.Locator(".axis.y")).ToHaveTextAsync(["0", "1", "2"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "1 h" }).ClickAsync();
        await Expect(chart.Locator(".axis.x").First).ToHaveTextAsync(new Regex("^[0-2][0-9]:(00|15|20|30|40|45)$"));
        await chart.Locator("svg").HoverAsync();
        await Expect(chart.Locator(".reading")).ToHaveTextAsync(new Regex("^[0-9:]{8}  [01]$"));
    }

    /// <summary>As high as the bytes of a busy server, at each step of the scale.</summary>
    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Charts_AnyValue_LabelsAreRoundAndNotCut(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        var page = await OpenAsync(sample, width, scheme);
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("Live");

        var faults = await page.EvaluateAsync<string[]>(
            """
            async () => {
              const base = document.querySelector("script[src]").src.replace("dashboard.js", "");
              const [{ Chart }, { milliseconds, size }] = await Promise.all([import(`${base}charts.js`), import(`${base}format.js`)]);
              const faults = [];
              for (const [format, binary] of [[size, true], [milliseconds, false]]) {
                const figure = document.createElement("figure");
                document.querySelector(".charts").append(figure);
                const chart = new Chart(figure, { lines: [{ style: "plain", of: (point) => point.value }], format, binary, least: 0, label: "x" });
                for (let value = 1; value < 2 ** 40; value *= 1.7) {
                  chart.show([{ at: 0, value }, { at: 60_000, value }], 0, 60_000);
                  const labels = [...figure.querySelectorAll(".axis.y")];
                  if (labels.length !== 3)
                    faults.push(`${value}: ${labels.length} labels`);
                  for (const label of labels) {
                    if (label.getBBox().x < 0 || /\.0/.test(label.textContent))
                      faults.push(`${value}: ${label.textContent} at ${label.getBBox().x}`);
                  }
                }
                figure.remove();
              }
              return faults;
            }
            """).InTime();

        faults.Should().BeEmpty();
    }

    [ChromiumFact]
    public async Task Charts_NothingIsKnown_SayItAndNoFigure()
    {
        await using var sample = await StartAsync();
        var page = await OpenAsync(sample);

        var roundTrips = page.GetByTestId("round-trip").Locator("svg");
        await Expect(roundTrips).ToContainTextAsync("No figures yet");
        await Expect(roundTrips).Not.ToContainTextAsync("ms");
    }

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Terms_PressedOrClicked_AreExplainedAndFit(int width, ColorScheme scheme)
    {
        await using var sample = await StartAsync();
        using var visitor = await VisitAsync(sample, "ada", "ACME");
        var page = await OpenAsync(sample, width, scheme);
        await OpenConnectionAsync(page);
        foreach (var (term, meaning) in new[] { ("Waiting for room", "until the queue has room"), ("Writes", "Straight to the socket is") })
        {
            var button = page.GetByRole(AriaRole.Button, new() { Name = term });
            await button.FocusAsync();
            await page.Keyboard.PressAsync("Enter").InTime();
            await Expect(page.Locator("#connection-figures").GetByText(meaning)).ToBeVisibleAsync();
            await Expect(button).ToHaveAttributeAsync("aria-expanded", "true");
            await ExpectToFitAsync(page, width);
            await button.ClickAsync();
            await Expect(page.Locator("#connection-figures").GetByText(meaning)).ToBeHiddenAsync();
        }

        await visitor.CloseAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "All connections" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "peer closed" }).ClickAsync();
        await Expect(page.GetByTestId("endings").GetByText("The peer closed it. As it should be.")).ToBeVisibleAsync();
        await ExpectToFitAsync(page, width);
        await page.GetByRole(AriaRole.Link, new() { Name = "Server" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Heartbeat lag" }).ClickAsync();
        await Expect(page.GetByTestId("server").GetByText("How late the check")).ToBeVisibleAsync();
        await ExpectToFitAsync(page, width);
    }

    [ChromiumFact]
    public async Task Kick_ConnectionOfThePageIsLost_IsOffUntilItIsBackAndSaysSo()
    {
        await using var sample = await StartAsync();
        using var visitor = await VisitAsync(sample, "ada", "ACME");
        var page = await OpenAsync(sample);
        var (isCut, holdsKicks) = (false, true);
        var sockets = new List<IWebSocketRoute>();
        await page.RouteWebSocketAsync("**/live", socket =>
        {
            if (Volatile.Read(ref isCut))
            {
                _ = socket.CloseAsync(new() { Code = 1012 });
                return;
            }

            var server = socket.ConnectToServer();
            socket.OnMessage(frame =>
            {
                if (!Volatile.Read(ref holdsKicks) || frame.Text?.Contains("kick", StringComparison.Ordinal) is not true)
                    server.Send(frame.Text!);
            });
            lock (sockets)
                sockets.Add(socket);
        }).InTime();
        await page.ReloadAsync().InTime();
        var kick = page.GetByTestId("row").GetByRole(AriaRole.Button);
        // One that is on its way when the connection breaks, and one that is not confirmed yet.
        await kick.ClickAsync();
        await page.Locator("button.sure").ClickAsync();
        await kick.ClickAsync();
        await Expect(kick).ToHaveTextAsync("Really?");

        Volatile.Write(ref isCut, true);
        await sockets.Single().CloseAsync(new() { Code = 1012 }).InTime();

        await Expect(page.GetByTestId("state")).ToContainTextAsync("Connection lost");
        await Expect(kick).ToBeDisabledAsync();
        await Expect(kick).ToHaveTextAsync("Kick");
        await Expect(kick).ToHaveAttributeAsync("title", new Regex("connection to the server is lost"));
        await Expect(page.GetByTestId("notice")).ToContainTextAsync("A kick has had no answer");
        await Expect(page.GetByTestId("notice")).ToContainTextAsync("nobody can be kicked");

        Volatile.Write(ref holdsKicks, false);
        Volatile.Write(ref isCut, false);
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("Live");
        await Expect(kick).ToBeEnabledAsync();
        await kick.ClickAsync();
        await page.Locator("button.sure").ClickAsync();
        (await EndOf(visitor)).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await Expect(page.GetByTestId("notice")).ToContainTextAsync("1 connection is closed");
    }

    [ChromiumFact]
    public async Task Table_VisitorReadsNothing_SaysHowLongItOwesAnAnswer()
    {
        await using var sample = await StartAsync();
        using var visitor = await VisitAsync(sample, "ada", "ACME");
        var page = await OpenAsync(sample);

        await Expect(page.GetByTestId("row").Locator(".state-of")).ToHaveTextAsync(new Regex("^no answer for [0-9]+ s$"));
        await page.Locator("#filter-state").SelectOptionAsync("unanswered");
        await Expect(page.GetByTestId("shown")).ToHaveTextAsync("1");
    }

    [ChromiumFact]
    public async Task Table_HeadingClicked_IsSortedByIt()
    {
        await using var sample = await StartAsync();
        using var bela = await VisitAsync(sample, "bela", "ACME");
        using var ada = await VisitAsync(sample, "ada", "BOLT");
        using var carl = await VisitAsync(sample, "carl", "ACME");
        var page = await OpenAsync(sample);
        var users = page.GetByTestId("row").Locator(".user");

        await page.GetByRole(AriaRole.Button, new() { Name = "User" }).ClickAsync();
        await Expect(users).ToHaveTextAsync(["ada", "bela", "carl"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "User" }).ClickAsync();
        await Expect(users).ToHaveTextAsync(["carl", "bela", "ada"]);
        await Expect(page.Locator("th[aria-sort]")).ToHaveAttributeAsync("aria-sort", "descending");
        await page.GetByRole(AriaRole.Button, new() { Name = "Received" }).ClickAsync();
        await bela.SendAsync("one");
        await bela.SendAsync("two");
        await ada.SendAsync("one");
        await Expect(users).ToHaveTextAsync(["bela", "ada", "carl"]);
    }

    [ChromiumFact]
    public async Task Filters_Set_ShowWhatMatchesAllOfThem()
    {
        await using var sample = await StartAsync();
        using var ada = await VisitAsync(sample, "ada", "ACME");
        using var bela = await VisitAsync(sample, "bela", "ACME");
        using var other = await VisitAsync(sample, "ada", "BOLT");
        var page = await OpenAsync(sample);

        await page.Locator("#filter-endpoint").SelectOptionAsync("/feed/{symbol}");
        await page.Locator("#filter-user").FillAsync("ADA");
        await page.Locator("#filter-group").FillAsync("acm");
        await page.Locator("#filter-address").FillAsync("127.");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("row").Locator(".groups")).ToHaveTextAsync("ACME");
        await page.Locator("#filter-state").SelectOptionAsync("dropping");
        await Expect(page.GetByTestId("empty").First).ToHaveTextAsync("No connection matches.");

        await page.GetByRole(AriaRole.Button, new() { Name = "Clear" }).ClickAsync();
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(3);
    }

    [ChromiumFact]
    public async Task ConnectionPage_ConnectionEnds_ItsStoryStaysAndItsFaultIsRed()
    {
        await using var sample = await StartAsync();
        using var visitor = await VisitAsync(sample, "ada", "ACME");
        var page = await OpenAsync(sample);
        await OpenConnectionAsync(page);
        await Expect(page.GetByTestId("handshake")).ToContainTextAsync("/feed/ACME");
        await Expect(page.GetByTestId("event")).ToContainTextAsync(["joined", "opened"]);

        await visitor.SendAsync(Encoding.UTF8.GetBytes("fail"), WebSocketMessageType.Text);

        var ending = page.GetByTestId("event").First;
        await Expect(ending).ToContainTextAsync("HandlerError");
        await Expect(ending).ToContainTextAsync("InvalidOperationException");
        await Expect(ending.Locator(".badge")).ToHaveCSSAsync("color", "rgb(179, 38, 30)");
        await Expect(page.Locator("#connection-ended")).ToBeVisibleAsync();
        await Expect(page.Locator("#connection-kick button")).ToHaveCountAsync(0);
        await Expect(page.Locator("#connection-now")).ToBeHiddenAsync();
        foreach (var known in new[] { "HandlerError. A handler threw an exception", "1011 sent", "/feed/{symbol}", "ada" })
            await Expect(page.GetByTestId("story")).ToContainTextAsync(known);
        await Expect(page.GetByTestId("story").GetByRole(AriaRole.Link)).ToHaveTextAsync("ACME");
        await page.GetByRole(AriaRole.Link, new() { Name = "All connections" }).ClickAsync();
        await Expect(page.GetByTestId("endings").Locator(".ending.bad i")).ToHaveCSSAsync("background-color", "rgb(179, 38, 30)");
    }

    [ChromiumFact]
    public async Task GroupPage_MembersKicked_AllAreClosedAndItSaysSo()
    {
        await using var sample = await StartAsync();
        using var ada = await VisitAsync(sample, "ada", "ACME");
        using var bela = await VisitAsync(sample, "bela", "ACME");
        using var other = await VisitAsync(sample, "carl", "BOLT");
        var page = await OpenAsync(sample);
        await page.GetByRole(AriaRole.Link, new() { Name = "Groups" }).ClickAsync();
        await page.Locator("#groups").GetByRole(AriaRole.Link, new() { Name = "ACME" }).ClickAsync();
        await Expect(page.Locator("#members").GetByTestId("row")).ToHaveCountAsync(2);

        await page.GetByText("Kick all members").ClickAsync();
        await page.Locator("#group-kick button").ClickAsync();

        await Expect(page.GetByTestId("notice")).ToHaveTextAsync("2 connections are closed: group ACME");
        (await EndOf(ada)).Should().Be(WebSocketCloseStatus.PolicyViolation);
        (await EndOf(bela)).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await Expect(page.Locator("#members")).ToContainTextAsync("Nobody is in this group.");
        await page.GetByRole(AriaRole.Link, new() { Name = "All groups" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "BOLT" })).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Log_ConnectionsComeAndGo_TellsIt()
    {
        await using var sample = await StartAsync();
        var page = await OpenAsync(sample);
        await page.GetByRole(AriaRole.Link, new() { Name = "Log" }).ClickAsync();
        using var visitor = await VisitAsync(sample, "ada", "ACME");
        await Expect(page.GetByTestId("event")).ToContainTextAsync(["joined", "opened"]);

        await visitor.CloseAsync();

        await Expect(page.GetByTestId("event")).ToContainTextAsync(["ended", "left", "joined", "opened"]);
        await Expect(page.GetByTestId("event").First).ToHaveClassAsync(new Regex("good"));
        await page.Locator("#log-search").FillAsync("left");
        await Expect(page.GetByTestId("event")).ToHaveCountAsync(1);
    }

    /// <summary>The visitors of these tests do not read, so they answer no ping, however long the browser takes.</summary>
    private static Task<SampleProcess> StartAsync() =>
        SampleProcess.StartAsync("Dashboard", 0, "--Key", Key, "--Visitors", "false", "--WebSocketPumps:PongTimeout", "01:00:00");

    private Task<IPage> OpenAsync(SampleProcess sample, int width = 1280, ColorScheme scheme = ColorScheme.Light) => chromium.OpenAsync(
        new Uri(sample.Address, $"/sign-in?key={Key}"),
        DashboardScreens.Options(width, scheme));

    private static Task<Socket> VisitAsync(SampleProcess sample, string user, string group) =>
        Socket.OpenAsync(sample, $"/feed/{Uri.EscapeDataString(group)}?user={Uri.EscapeDataString(user)}");

    private static async Task OpenConnectionAsync(IPage page)
    {
        await Expect(page.Locator("#table").GetByTestId("row")).ToHaveCountAsync(1);
        await page.Locator("#table td.id a").ClickAsync();
        await Expect(page.Locator("#connection-kick button").First).ToBeVisibleAsync();
    }

    private static async Task<WebSocketCloseStatus?> EndOf(Socket visitor)
    {
        while ((await visitor.ReceiveAsync()).Type is not WebSocketMessageType.Close)
        {
        }

        return visitor.CloseStatus;
    }
}
