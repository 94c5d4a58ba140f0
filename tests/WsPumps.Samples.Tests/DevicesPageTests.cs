using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

public sealed class DevicesPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const string Timeout = "--Devices:CommandTimeout=00:00:02";

    public static TheoryData<int, ColorScheme> Screens => new()
    {
        { 1280, ColorScheme.Light }, { 1280, ColorScheme.Dark }, { 390, ColorScheme.Light }, { 390, ColorScheme.Dark },
    };

    [ChromiumTheory]
    [MemberData(nameof(Screens))]
    public async Task DevicesPage_CommandToAll_EachAnswersAndItFits(int width, ColorScheme scheme)
    {
        await using var sample = await SampleProcess.StartAsync("Devices", 0, Timeout);
        var page = await chromium.OpenAsync(sample.Address, new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        await Expect(page.GetByTestId("device")).ToHaveCountAsync(6);
        await Expect(page.GetByTestId("count")).ToHaveTextAsync("6 connected");
        await Expect(page.GetByTestId("device").First.Locator(".value")).ToHaveTextAsync(new Regex("^[0-9]+[.,][0-9]{2} °C$"));

        await page.Locator("#command").SelectOptionAsync("reset");
        await page.GetByTestId("send-all").ClickAsync();

        await Expect(page.Locator("#log .done")).ToHaveCountAsync(6);
        await Expect(page.GetByTestId("command").First).ToContainTextAsync("is 20");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth").InTime()).Should().Be(width);
    }

    [ChromiumFact]
    public async Task DevicesPage_CommandsToOne_EachOutcomeIsTold()
    {
        await using var sample = await SampleProcess.StartAsync("Devices", 0, Timeout);
        var page = await chromium.OpenAsync(sample.Address);
        var device = page.Locator("[data-id=sensor-3]");
        async Task SendAsync(string command) => await device.GetByRole(AriaRole.Button, new() { Name = command }).ClickAsync();

        await SendAsync("measure");
        await Expect(page.GetByTestId("command")).ToHaveCountAsync(1);
        await Expect(page.GetByTestId("command")).ToContainTextAsync("done");
        await SendAsync("dance");
        await Expect(page.GetByTestId("command").First).ToContainTextAsync("refused: What is 'dance'?");
        await SendAsync("sleep");
        await Expect(page.GetByTestId("command").First).ToContainTextAsync("no answer in time");
        await SendAsync("restart");
        await Expect(page.GetByTestId("command").First).ToContainTextAsync("connection lost");
        await Expect(page.GetByTestId("count")).ToHaveTextAsync("6 connected");
        await SendAsync("measure");
        await Expect(page.GetByTestId("command").First).ToContainTextAsync("done");
    }

    [ChromiumFact]
    public async Task DevicesPage_ServerRestarted_IsBackWithTheFleet()
    {
        var port = SampleProcess.FindPort();
        await using var before = await SampleProcess.StartAsync("Devices", port);
        var page = await chromium.OpenAsync(before.Address);
        await Expect(page.GetByTestId("device")).ToHaveCountAsync(6);
        await before.TerminateAsync();
        await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Reconnecting");
        await Expect(page.GetByTestId("count")).ToHaveTextAsync("0 of 6 connected");
        await Expect(page.GetByTestId("send-all")).ToBeDisabledAsync();

        await using var after = await SampleProcess.StartAsync("Devices", port);

        await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Connected");
        await Expect(page.GetByTestId("count")).ToHaveTextAsync("6 connected");
        await page.GetByTestId("send-all").ClickAsync();
        await Expect(page.Locator("#log .done")).ToHaveCountAsync(6);
    }
}
