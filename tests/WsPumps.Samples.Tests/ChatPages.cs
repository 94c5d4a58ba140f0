using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

/// <summary>Pages of the chat, and what a visitor does with them.</summary>
public abstract class ChatPages(Chromium chromium) : ChromiumTests(chromium)
{
    private static int _rooms;

    /// <summary>A room that only this test knows.</summary>
    protected string Room { get; } = $"Room {Interlocked.Increment(ref _rooms)}";

    /// <param name="chat">The server.</param>
    /// <param name="name">What the visitor calls themselves.</param>
    /// <param name="room">Null for the room of the test.</param>
    private protected async Task<IPage> JoinAsync(SampleProcess chat, string name, string? room = null)
    {
        var page = await Browser.OpenAsync(chat.Address);
        await JoinAsync(page, name, room ?? Room);
        return page;
    }

    protected static async Task JoinAsync(IPage page, string name, string room)
    {
        await page.GetByTestId("room-input").FillAsync(room);
        await page.GetByTestId("name-input").FillAsync(name);
        await page.GetByTestId("join-button").ClickAsync();
        await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Connected");
    }

    protected static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("text-input").FillAsync(text);
        await page.GetByTestId("text-input").PressAsync("Enter");
        await Expect(page.GetByTestId("text-input")).ToHaveValueAsync("");
    }

    protected static ILocator Notice(IPage page, string text) =>
        page.GetByTestId("notice").GetByText(text, new LocatorGetByTextOptions { Exact = true });

    protected static async Task ExpectMessagesAsync(IPage page, bool own, params string[] texts)
    {
        var messages = page.GetByTestId("log").Locator($"[data-testid=message][data-own={(own ? "true" : "false")}]");
        await Expect(messages.GetByTestId("message-text")).ToHaveTextAsync(texts);
    }

    /// <summary>In any order: after a restart, people come back in the order in which their pages notice.</summary>
    protected static async Task ExpectOnlineAsync(IPage page, params string[] names)
    {
        await Expect(page.GetByTestId("online-count")).ToHaveTextAsync($"{names.Length}");
        var shown = page.GetByTestId("online-list").GetByTestId("online-name");
        await Expect(shown).ToHaveCountAsync(names.Length);
        foreach (var name in names)
            await Expect(shown.GetByText(name, new LocatorGetByTextOptions { Exact = true })).ToHaveCountAsync(1);
    }
}
