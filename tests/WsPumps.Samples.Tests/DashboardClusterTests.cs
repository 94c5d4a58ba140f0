using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WsPumps.Testing;
using static Microsoft.Playwright.Assertions;
using static WsPumps.Samples.Tests.DashboardScreens;

namespace WsPumps.Samples.Tests;

/// <summary>The dashboard of one server of three.</summary>
public sealed class DashboardClusterTests(Chromium chromium) : ChromiumTests(chromium)
{
    /// <summary>A server is called silent after six seconds, and forgotten after a minute.</summary>
    private const float UntilSilent = 30_000;

    public static TheoryData<int, ColorScheme> Screens => All;

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Cluster_ThreeServers_TheirStateLoadAndClientsAreShownAndFit(int width, ColorScheme scheme)
    {
        var network = new TestBackplaneNetwork();
        var (here, there, third) = (network.Add(), network.Add(), network.Add());
        await using var one = await ClusterNodeHost.StartAsync(here, "alpha");
        await using var two = await ClusterNodeHost.StartAsync(there, "خادم\u202Etxt");
        await using var three = await ClusterNodeHost.StartAsync(third, new string('x', 100));
        using var ada = await one.ConnectAsync("ada", "Red room");
        using var bela = await two.ConnectAsync("bela", "Red room");
        using var carl = await two.ConnectAsync("carl", "Blue room");
        var page = await Browser.OpenAsync(new Uri(one.Address, "/pumps"), Options(width, scheme));

        await page.GetByRole(AriaRole.Link, new() { Name = "Cluster" }).ClickAsync();

        var nodes = page.GetByTestId("node");
        await Expect(nodes).ToHaveCountAsync(3);
        await Expect(NodeOf(page, "alpha")).ToContainTextAsync("this one");
        await Expect(NodeOf(page, "alpha").Locator(".load b")).ToHaveTextAsync("1");
        await Expect(NodeOf(page, "خادمU+202Etxt").Locator(".load b")).ToHaveTextAsync("2");
        await Expect(NodeOf(page, "xxx").Locator(".load b")).ToHaveTextAsync("0");
        await Expect(nodes.Locator(".badge.fine")).ToHaveTextAsync(["there", "there", "there"]);
        await Expect(page.Locator("#alone")).ToBeHiddenAsync();
        await Expect(page.Locator("#found-table")).ToBeHiddenAsync();
        (await NodeOf(page, "alpha").Locator(".name").EvaluateAsync<bool>("name => name.scrollWidth <= name.clientWidth").InTime())
            .Should().BeTrue("a short name is not cut");
        // The bars compare: none for none, the longest for the most.
        (await WidthOfBarAsync(page, "xxx")).Should().Be(0);
        (await WidthOfBarAsync(page, "خادمU+202Etxt")).Should().BeGreaterThan(await WidthOfBarAsync(page, "alpha"));
        await ExpectToFitAsync(page, width);

        await two.Broadcaster.Manager.DrainAsync().InTime();
        await Expect(NodeOf(page, "خادمU+202Etxt").Locator(".badge.waiting")).ToHaveTextAsync("draining");
        network.Cut(here, third);
        await Expect(NodeOf(page, "xxx").Locator(".badge.waiting")).ToHaveTextAsync("silent", new() { Timeout = UntilSilent });
        await ExpectToFitAsync(page, width);
        network.Partition(here);
        await page.Locator("#find-kind").SelectOptionAsync("group");
        await page.Locator("#find-name").FillAsync("Red room");
        await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Expect(page.GetByTestId("found-note")).ToHaveTextAsync(new Regex("^1 connection. No answer from "));
        await Expect(page.GetByTestId("found-note")).ToContainTextAsync("خادم[U+202E]txt");
        await ExpectToFitAsync(page, width);
    }

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task Cluster_NamesOfAllKinds_AreFoundOnAnotherServerAndKickedFromHere(int width, ColorScheme scheme)
    {
        var network = new TestBackplaneNetwork();
        await using var one = await ClusterNodeHost.StartAsync(network.Add(), "here");
        await using var two = await ClusterNodeHost.StartAsync(network.Add(), "there");
        var page = await Browser.OpenAsync(new Uri(one.Address, "/pumps#/cluster"), Options(width, scheme));
        await Expect(page.GetByTestId("node")).ToHaveCountAsync(2);
        foreach (var (name, seen) in Names)
        {
            using var visitor = await two.ConnectAsync(name, name);
            await page.Locator("#find-kind").SelectOptionAsync("user");
            await page.Locator("#find-name").FillAsync(name);
            await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();

            var found = page.GetByTestId("found");
            await Expect(found).ToHaveCountAsync(1);
            await Expect(found).ToContainTextAsync("there");
            await Expect(found.Locator("bdi").Filter(new() { HasText = seen })).ToHaveCountAsync(2);
            await ExpectToFitAsync(page, width);

            await page.GetByRole(AriaRole.Button, new() { Name = "Kick on all servers" }).ClickAsync();
            await page.Locator("#found-kick button.sure").ClickAsync();
            (await visitor.ReceiveCloseAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
            await Expect(page.GetByTestId("notice")).ToContainTextAsync("1 connection is closed: user ");
            await Expect(page.GetByTestId("notice")).Not.ToContainTextAsync("\u202E");
            await Expect(found).ToHaveCountAsync(0);
            await ExpectToFitAsync(page, width);
        }

        await Expect(page.Locator("img")).ToHaveCountAsync(0);
    }

    [ChromiumFact]
    public async Task Cluster_OneConnectionOfAnotherServer_IsKickedAlone()
    {
        var network = new TestBackplaneNetwork();
        await using var one = await ClusterNodeHost.StartAsync(network.Add(), "here");
        await using var two = await ClusterNodeHost.StartAsync(network.Add(), "there");
        using var here = await one.ConnectAsync("ada", "Red room");
        using var there = await two.ConnectAsync("ada", "Red room");
        var page = await Browser.OpenAsync(new Uri(one.Address, "/pumps#/cluster"));
        await Expect(page.GetByTestId("node")).ToHaveCountAsync(2);
        await page.Locator("#find-name").FillAsync("ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Find" }).ClickAsync();
        await Expect(page.GetByTestId("found")).ToHaveCountAsync(2);

        var row = page.GetByTestId("found").Filter(new() { HasText = "there" });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await row.Locator("button.sure").ClickAsync();

        (await there.ReceiveCloseAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
        await Expect(page.GetByTestId("found")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("found")).ToContainTextAsync("here");
        one.Broadcaster.Manager.Clients.Should().ContainSingle();
    }

    private static ILocator NodeOf(IPage page, string name) => page.GetByTestId("node").Filter(new() { HasText = name });

    private static Task<double> WidthOfBarAsync(IPage page, string node) =>
        NodeOf(page, node).Locator(".load i").EvaluateAsync<double>("bar => bar.getBoundingClientRect().width").InTime();
}
