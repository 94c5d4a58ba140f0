using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

public sealed class DashboardPageTests(Chromium chromium, DashboardServer server) : ChromiumTests(chromium), IClassFixture<DashboardServer>
{
    /// <summary>A third of the visitors leaves after some seconds, so what a test needs to stay is a visitor of its own.</summary>
    private const string Stays = "/feed/ACME?user=stays";

    [Fact]
    public async Task Dashboard_NotSignedIn_IsUnauthorized()
    {
        var sample = server.Process;
        using var http = new HttpClient { BaseAddress = sample.Address, Timeout = Limit.Time };

        foreach (var address in new[] { "/pumps", "/pumps/live", "/pumps/dashboard.js", "/sign-in?key=guessed", "/sign-in" })
            (await http.GetAsync(new Uri(address, UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized, address);
    }

    [ChromiumFact]
    public async Task DashboardPage_TrafficGoesOn_FiguresChange()
    {
        var sample = server.Process;
        var page = await OpenAsync(sample);

        await Expect(page.GetByTestId("state")).ToHaveTextAsync("Live");
        await Expect(page.GetByTestId("connections").Locator(".figure")).ToHaveTextAsync(new Regex("^[0-9]+$"));
        var messages = page.GetByTestId("messages").Locator(".figure");
        await Expect(messages).ToHaveTextAsync(new Regex(@"^[1-9][0-9.]* / [1-9][0-9.]*$"));
        var shown = await messages.TextContentAsync().InTime();
        await Expect(messages).Not.ToHaveTextAsync(shown!);
        await Expect(page.GetByTestId("bytes").Locator(".figure")).ToHaveTextAsync(new Regex("B / .*B$"));
        await Expect(page.GetByTestId("round-trip").Locator(".figure")).ToHaveTextAsync(new Regex("(ms|s)$"));
        // A line of two points and more.
        await Expect(page.GetByTestId("bytes").Locator("svg path").Last).ToHaveAttributeAsync("d", new Regex("^M.+L"));
    }

    [ChromiumFact]
    public async Task DashboardPage_Search_FiltersTheTable()
    {
        var sample = server.Process;
        using var visitor = await Socket.OpenAsync(sample, Stays);
        var page = await OpenAsync(sample);
        await Expect(page.GetByTestId("row").Nth(3)).ToBeVisibleAsync();

        await page.GetByTestId("search").FillAsync("STAYS");

        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("row").Locator(".user")).ToHaveTextAsync("stays");
        await Expect(page.GetByTestId("row").Locator(".groups")).ToHaveTextAsync("ACME");
        await Expect(page.GetByTestId("shown")).ToHaveTextAsync("1");
        await page.GetByTestId("search").FillAsync("");
        await Expect(page.GetByTestId("row").Nth(3)).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task DashboardPage_KickClickedTwice_ConnectionIsClosed()
    {
        var sample = server.Process;
        using var visitor = await Socket.OpenAsync(sample, Stays);
        var page = await OpenAsync(sample);
        await page.GetByTestId("search").FillAsync("stays");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);

        await page.GetByTestId("row").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByTestId("row").GetByRole(AriaRole.Button)).ToHaveTextAsync("Really?");
        await page.GetByTestId("row").GetByRole(AriaRole.Button).ClickAsync();

        while ((await visitor.ReceiveAsync()).Type is not WebSocketMessageType.Close)
        {
        }

        visitor.CloseStatus.Should().Be(WebSocketCloseStatus.PolicyViolation);
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("endings")).ToContainTextAsync("local closed");
    }

    [ChromiumFact]
    public async Task DashboardPage_PhoneWidth_NothingIsCutOff()
    {
        var sample = server.Process;
        var page = await OpenAsync(sample);
        await page.SetViewportSizeAsync(360, 740).InTime();
        await Expect(page.GetByTestId("row").First).ToBeVisibleAsync();

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth").InTime()).Should().Be(360);
        (await page.EvaluateAsync<bool>("(region => region.scrollWidth <= region.clientWidth)(document.querySelector('.scroll'))").InTime()).Should().BeTrue();
    }

    [ChromiumFact]
    public async Task DashboardPage_ServerGone_SaysSo()
    {
        await using var sample = await SampleProcess.StartAsync("Dashboard", 0, "--Key", DashboardServer.Key);
        var page = await OpenAsync(sample);
        await Expect(page.GetByTestId("state")).ToHaveTextAsync("Live");

        await sample.TerminateAsync();

        await Expect(page.GetByTestId("state")).ToContainTextAsync("Connection lost");
    }

    private Task<IPage> OpenAsync(SampleProcess sample) => Browser.OpenAsync(new Uri(sample.Address, $"/sign-in?key={DashboardServer.Key}"));
}
