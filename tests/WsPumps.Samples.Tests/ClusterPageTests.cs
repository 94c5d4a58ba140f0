using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

/// <summary>The three servers as somebody plays with them in a browser.</summary>
public sealed partial class ClusterPageTests(Chromium chromium) : ChromiumTests(chromium)
{
    [ClusterFact]
    public async Task ClusterPage_ServerAndRedisAreKilled_TheTalkGoesOn()
    {
        await using var cluster = await SampleProcess.StartAsync("Cluster");
        var ada = await OpenAsync(cluster);
        var grace = await OpenElsewhereAsync(cluster, await ServerOfAsync(ada));

        await SayAsync(ada, "Hello over there");
        await Expect(Log(grace)).ToContainTextAsync("Hello over there");

        var server = await ServerOfAsync(ada);
        await ada.Locator($"#do-{server}").ClickAsync().InTime();
        await SayAsync(grace, "Are you still there?");
        await Expect(ada.Locator("#where")).Not.ToContainTextAsync(server);
        await Expect(Log(ada)).ToContainTextAsync("Are you still there?");
        await Expect(Log(ada)).ToContainTextAsync("joined, nothing is missing");

        await ada.Locator("#do-redis").ClickAsync().InTime();
        await Expect(ada.Locator("#state")).ToContainTextAsync("Lost");
        await SayAsync(ada, "Without Redis I hear myself");
        await Expect(Log(ada)).ToContainTextAsync("Without Redis I hear myself");

        await ada.Locator("#do-redis").ClickAsync().InTime();
        await Expect(ada.Locator("#state")).ToContainTextAsync("Connected");
        await ExpectToHearAsync(ada, grace, "And now you hear me again");
        await ada.Locator($"#do-{server}").ClickAsync().InTime();
        await Expect(ada.Locator("#state")).ToContainTextAsync("server-1, server-2, server-3");
    }

    [ClusterFact]
    public async Task ClusterPage_RedisComesBackEmptyWhileAClientIsAway_TheClientIsToldThatItMissesSomething()
    {
        await using var cluster = await SampleProcess.StartAsync("Cluster");
        var ada = await OpenAsync(cluster);
        await SayAsync(ada, "Before");
        await Expect(Log(ada)).ToContainTextAsync("Before");
        await ada.Locator("#do-redis").ClickAsync().InTime();
        await Expect(ada.Locator("#state")).ToContainTextAsync("Lost");
        await ada.Locator("#do-redis").ClickAsync().InTime();
        await Expect(ada.Locator("#state")).ToContainTextAsync("Connected");

        await ada.Locator($"#do-{await ServerOfAsync(ada)}").ClickAsync().InTime();

        // The last line: the same may have been said at the start, when Redis was not there yet.
        await Expect(Log(ada).Locator("p").Last).ToContainTextAsync("what you missed is not to be had any more");
        await SayAsync(ada, "After");
        await Expect(Log(ada)).ToContainTextAsync("After");
    }

    [ClusterTheory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task ClusterPage_OnAPhone_FitsItsWidth(ColorScheme colors)
    {
        const int Width = 390;
        await using var cluster = await SampleProcess.StartAsync("Cluster");
        var page = await OpenAsync(cluster, new() { ViewportSize = new() { Width = Width, Height = 760 }, ColorScheme = colors });
        await Expect(page.Locator("#state")).ToContainTextAsync("server-1, server-2, server-3");
        await SayAsync(page, new string('W', 200));
        await Expect(Log(page)).ToContainTextAsync("WWW");
        await Expect(page.Locator("#state")).ToHaveTextAsync(new Regex(@"published\d+received\d+missing\d+dropped\d+$"));

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(Width);
        (await page.EvaluateAsync<string[]>(
            $"[...document.querySelectorAll('button, input, #log, dd, td')].filter((e) => e.getBoundingClientRect().right > {Width}).map((e) => e.outerHTML)"))
            .Should().BeEmpty();
    }

    [ClusterFact]
    public async Task ClusterPage_NoServerIsLeft_OffersNoSendAndShowsNoFiguresOfBefore()
    {
        await using var cluster = await SampleProcess.StartAsync("Cluster");
        var page = await OpenAsync(cluster);
        await Expect(page.Locator("#send")).ToBeEnabledAsync();
        await Expect(page.Locator("#state")).ToContainTextAsync("Connected");

        for (var i = 1; i <= 3; i++)
            await page.Locator($"#do-server-{i}").ClickAsync().InTime();

        await Expect(page.Locator("#state")).ToHaveTextAsync("No server is there to be asked.");
        await Expect(page.Locator("#send")).ToBeDisabledAsync();
        await Expect(page.Locator("#do-server-2")).ToHaveTextAsync("Start");

        await page.Locator("#do-server-2").ClickAsync().InTime();

        await Expect(page.Locator("#where")).ToHaveTextAsync("You are on server-2.");
        await Expect(page.Locator("#send")).ToBeEnabledAsync();
        await Expect(page.Locator("#state")).ToContainTextAsync("server-2");
    }

    private async Task<IPage> OpenAsync(SampleProcess cluster, BrowserNewContextOptions? options = null)
    {
        var page = await Browser.OpenAsync(cluster.Address, options);
        await Expect(page.Locator("#where")).ToContainTextAsync("You are on");
        return page;
    }

    /// <summary>The balancer goes round the servers with every request, so a page may have to ask more than once.</summary>
    private async Task<IPage> OpenElsewhereAsync(SampleProcess cluster, string server)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            var page = await OpenAsync(cluster);
            if (await ServerOfAsync(page) != server)
                return page;
            await page.CloseAsync();
        }

        throw new InvalidOperationException($"Ten pages were all on {server}.");
    }

    private static ILocator Log(IPage page) => page.Locator("#log");

    private static async Task<string> ServerOfAsync(IPage page) => Server().Match(await page.Locator("#where").TextContentAsync() ?? "").Value;

    private static async Task SayAsync(IPage page, string text)
    {
        await page.Locator("#text").FillAsync(text).InTime();
        await page.Locator("button", new PageLocatorOptions { HasText = "Send" }).ClickAsync().InTime();
    }

    /// <summary>Says it until it is heard: the servers need a moment to find each other.</summary>
    private static async Task ExpectToHearAsync(IPage speaker, IPage listener, string text)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!(await Log(listener).TextContentAsync().InTime())!.Contains(text, StringComparison.Ordinal))
        {
            await SayAsync(speaker, text);
            await Task.Delay(500, limit.Token);
        }
    }

    [GeneratedRegex("server-[0-9]")]
    private static partial Regex Server();
}
