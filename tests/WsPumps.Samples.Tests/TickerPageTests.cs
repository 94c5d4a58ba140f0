using System.Globalization;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

public sealed class TickerPageTests(Chromium chromium, TickerServer server) : ChromiumTests(chromium), IClassFixture<TickerServer>
{
    [ChromiumFact]
    public async Task TickerPage_Conflate_SlowSideHasFewerPricesThatAreNew()
    {
        var page = await Browser.OpenAsync(server.Process.Address);

        await ExpectConnectedAsync(page);
        await ExpectFigureAsync(page, "slow", "replaced", replaced => replaced > 100);
        await ExpectFigureAsync(page, "slow", "rate", rate => rate > 0);
        var slow = await FigureAsync(page, "slow", "rate");
        // A busy machine is slow on both sides for a while.
        await ExpectFigureAsync(page, "fast", "rate", fast => fast > 2 * slow);

        (await FigureAsync(page, "slow", "lost")).Should().Be(0);
        (await FigureAsync(page, "slow", "queued")).Should().BeLessThanOrEqualTo(20, "one price of each of ten symbols waits, and one may be under way");
        (await FigureAsync(page, "fast", "replaced")).Should().Be(0);
    }

    [ChromiumFact]
    public async Task TickerPage_DropOldest_SlowSideFallsBehind()
    {
        var page = await Browser.OpenAsync(server.Process.Address);
        await ExpectConnectedAsync(page);

        await page.GetByTestId("policy").SelectOptionAsync("DropOldest");

        await ExpectFigureAsync(page, "slow", "lost", lost => lost > 0);
        await ExpectFigureAsync(page, "slow", "queued", queued => queued > 100);
        await Expect(page.GetByTestId("slow").Locator("[data-figure=age]")).ToHaveClassAsync("old");
        (await FigureAsync(page, "fast", "lost")).Should().Be(0);
    }

    [ChromiumFact]
    public async Task TickerPage_Disconnect_SlowSideIsClosedAndTheFastOneNoticesNothing()
    {
        var page = await Browser.OpenAsync(server.Process.Address);
        await ExpectConnectedAsync(page);

        await page.GetByTestId("policy").SelectOptionAsync("Disconnect");

        await Expect(page.GetByTestId("slow").Locator(".stateText")).ToHaveTextAsync("Closed: too slow");
        await Expect(page.GetByTestId("fast").Locator(".stateText")).ToHaveTextAsync("Connected");
        await Expect(page.GetByTestId("slow").Locator(".stateText")).ToHaveTextAsync("Connected");
    }

    /// <remarks>With <c>UPDATE_DOCS=1</c> in the environment it makes the picture of the documentation anew.</remarks>
    [ChromiumFact]
    public async Task TickerPage_OnAPhone_FitsItsWidth()
    {
        var page = await Browser.OpenAsync(server.Process.Address, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 360, Height = 740 } });

        await ExpectConnectedAsync(page);

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(360);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") is not "1")
            return;

        await page.SetViewportSizeAsync(1240, 870);
        await ExpectFigureAsync(page, "slow", "replaced", replaced => replaced > 2000);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = SampleProcess.FileOfRepository("docs/images/ticker.png") });
    }

    private static async Task ExpectConnectedAsync(IPage page)
    {
        foreach (var panel in new[] { "fast", "slow" })
            await Expect(page.GetByTestId(panel).Locator(".stateText")).ToHaveTextAsync("Connected");
    }

    private static async Task<double> FigureAsync(IPage page, string panel, string figure) => double.Parse(
        (await page.GetByTestId(panel).Locator($"[data-figure={figure}]").TextContentAsync())!, NumberStyles.Number, CultureInfo.InvariantCulture);

    /// <summary>Looks at each change of the page until the figure is as it should be.</summary>
    private static async Task ExpectFigureAsync(IPage page, string panel, string figure, Func<double, bool> expected)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!expected(await FigureAsync(page, panel, figure)))
        {
            limit.Token.ThrowIfCancellationRequested();
            await page.EvaluateAsync(
                "([panel, figure]) => new Promise((resolve) => new MutationObserver(resolve).observe(document.querySelector(`[data-testid=${panel}] [data-figure=${figure}]`), { childList: true, characterData: true, subtree: true }))",
                new[] { panel, figure }).InTime();
        }
    }
}
