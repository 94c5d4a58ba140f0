using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

public sealed class ChatPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task ChatPage_MessageSent_SeenOnOtherPage()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var ada = await JoinAsync(chat, "Ada");
        var grace = await JoinAsync(chat, "Grace");

        await SayAsync(ada, "Hello, <b>Grace</b>");

        await ExpectMessagesAsync(grace, own: false, "Hello, <b>Grace</b>");
        await ExpectMessagesAsync(ada, own: true, "Hello, <b>Grace</b>");
        var seen = grace.GetByTestId("log").GetByTestId("message");
        await Expect(seen.GetByTestId("message-author")).ToHaveTextAsync("Ada");
        await Expect(seen.GetByTestId("message-time")).Not.ToBeEmptyAsync();
    }

    [ChromiumFact]
    public async Task ChatPage_OtherPageClosed_OnlineListFollows()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var ada = await JoinAsync(chat, "Ada");
        var grace = await JoinAsync(chat, "Grace");
        await ExpectOnlineAsync(ada, "Ada", "Grace");
        await ExpectOnlineAsync(grace, "Ada", "Grace");
        await Expect(Notice(ada, "Grace joined")).ToBeVisibleAsync();

        await grace.CloseAsync().InTime();

        await ExpectOnlineAsync(ada, "Ada");
        await Expect(Notice(ada, "Grace left")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task ChatPage_NameTaken_JoinsWithNumber()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var first = await JoinAsync(chat, "Ada");
        await JoinAsync(chat, "ada");

        await ExpectOnlineAsync(first, "Ada", "ada 2");
    }

    [ChromiumFact]
    public async Task ChatPage_TwoRooms_HearNothingOfEachOther()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var ada = await JoinAsync(chat, "Ada", "Garden");
        var grace = await JoinAsync(chat, "Grace", "Garden");
        var edsger = await JoinAsync(chat, "Edsger");
        await Expect(ada.GetByTestId("room-name")).ToHaveTextAsync("Garden");
        await Expect(edsger.GetByTestId("room-name")).ToHaveTextAsync("Lobby");

        await SayAsync(ada, "In the garden");
        await ExpectMessagesAsync(grace, own: false, "In the garden");
        await SayAsync(edsger, "In the lobby");

        await ExpectMessagesAsync(edsger, own: true, "In the lobby");
        await ExpectMessagesAsync(edsger, own: false);
        await ExpectOnlineAsync(edsger, "Edsger");
        await ExpectOnlineAsync(grace, "Ada", "Grace");
    }

    [ChromiumFact]
    public async Task ChatPage_SecondTabOfTheSameBrowser_IsTheSamePerson()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var grace = await JoinAsync(chat, "Grace");
        var ada = await JoinAsync(chat, "Ada");
        var tab = await ada.Context.NewPageAsync().InTime();
        await tab.GotoAsync(chat.Address.AbsoluteUri).InTime();
        await JoinAsync(tab, "Somebody", "");

        await ExpectOnlineAsync(grace, "Ada", "Grace");
        await Expect(grace.GetByTestId("online-list")).ToContainTextAsync("2 pages");
        await SayAsync(tab, "From the tab");
        await ExpectMessagesAsync(ada, own: true, "From the tab");

        await ada.CloseAsync().InTime();
        await Expect(grace.GetByTestId("online-list")).Not.ToContainTextAsync("2 pages");
        await ExpectOnlineAsync(grace, "Ada", "Grace");
        await Expect(Notice(grace, "Ada left")).ToHaveCountAsync(0);

        await tab.CloseAsync().InTime();
        await Expect(Notice(grace, "Ada left")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task ChatPage_NoNameEntered_ToldAndNotJoined()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var page = await chromium.OpenAsync(chat.Address);

        await page.GetByTestId("name-input").FillAsync("   ");
        await page.GetByTestId("join-button").ClickAsync();

        await Expect(page.GetByTestId("join-error")).ToHaveTextAsync("Please enter a name.");
        await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Not connected");
    }

    [ChromiumFact]
    public async Task ChatPage_ServerRestarted_PagesComeBackAndChatOn()
    {
        var port = SampleProcess.FindPort();
        await using var before = await SampleProcess.StartAsync("Chat", port);
        var ada = await JoinAsync(before, "Ada");
        var secondAda = await JoinAsync(before, "Ada");
        await ada.GetByTestId("text-input").FillAsync("A draft");

        await before.TerminateAsync();

        foreach (var page in new[] { ada, secondAda })
        {
            await Expect(page.GetByTestId("banner")).ToContainTextAsync("Reconnecting...");
            await Expect(page.GetByTestId("banner")).ToBeVisibleAsync();
            await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Reconnecting");
            await Expect(page.GetByTestId("text-input")).ToBeFocusedAsync();
            await Expect(page.GetByTestId("pull-button")).ToBeDisabledAsync();
        }

        await using var after = await SampleProcess.StartAsync("Chat", port);

        await Expect(Notice(ada, "You are back as Ada")).ToBeVisibleAsync();
        await Expect(Notice(secondAda, "You are back as Ada 2")).ToBeVisibleAsync();
        foreach (var page in new[] { ada, secondAda })
        {
            await ExpectOnlineAsync(page, "Ada", "Ada 2");
            await Expect(page.GetByTestId("banner")).ToBeHiddenAsync();
        }

        await Expect(ada.GetByTestId("text-input")).ToHaveValueAsync("A draft");
        await ada.GetByTestId("send-button").ClickAsync();
        await ExpectMessagesAsync(secondAda, own: false, "A draft");
        await SayAsync(secondAda, "Here I am");
        await ExpectMessagesAsync(ada, own: false, "Here I am");
    }

    [ChromiumFact]
    public async Task ChatPage_ServerLostBeforeItTookMessage_MessageArrivesOnceAfterwards()
    {
        var port = SampleProcess.FindPort();
        await using var before = await SampleProcess.StartAsync("Chat", port);
        var ada = await JoinAsync(before, "Ada");
        var grace = await JoinAsync(before, "Grace");
        before.Freeze();
        await SayAsync(ada, "Do not lose me");
        await Expect(ada.GetByTestId("unconfirmed").GetByTestId("message-text")).ToHaveTextAsync("Do not lose me");

        await before.KillAsync();
        await Expect(grace.GetByTestId("banner")).ToBeVisibleAsync();
        await using var after = await SampleProcess.StartAsync("Chat", port);
        // Grace may come back too late for the message that is sent again, but not for the next one.
        await Expect(Notice(grace, "You are back as Grace")).ToBeVisibleAsync();
        await Expect(Notice(ada, "You are back as Ada")).ToBeVisibleAsync();
        await SayAsync(ada, "Are you there?");

        await ExpectMessagesAsync(ada, own: true, "Do not lose me", "Are you there?");
        await Expect(ada.GetByTestId("unconfirmed").GetByTestId("message")).ToHaveCountAsync(0);
        await Expect(grace.GetByTestId("log").GetByTestId("message-text").Last).ToHaveTextAsync("Are you there?");
    }

    [ChromiumFact]
    public async Task ChatPage_CablePulled_NoLineIsLostOrDoubledAndTheFocusStays()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var ada = await JoinAsync(chat, "Ada");
        var grace = await JoinAsync(chat, "Grace");
        await SayAsync(ada, "Before");
        await ExpectMessagesAsync(grace, own: false, "Before");
        await grace.GetByTestId("pull-button").ClickAsync();
        await Expect(grace.GetByTestId("connection-state")).ToHaveTextAsync("Reconnecting");
        await grace.GetByTestId("text-input").FocusAsync();
        for (var i = 0; i < 20; i++)
            await SayAsync(ada, $"Meanwhile {i}");
        await SayAsync(grace, "Written away");
        await grace.GetByTestId("text-input").FillAsync("A draft");

        await Expect(grace.GetByTestId("connection-state")).ToHaveTextAsync("Connected");

        await ExpectMessagesAsync(grace, own: false, ["Before", .. Enumerable.Range(0, 20).Select(i => $"Meanwhile {i}")]);
        await ExpectMessagesAsync(grace, own: true, "Written away");
        await ExpectMessagesAsync(ada, own: false, "Written away");
        await Expect(grace.GetByTestId("unconfirmed").GetByTestId("message")).ToHaveCountAsync(0);
        await Expect(grace.GetByTestId("text-input")).ToBeFocusedAsync();
        await Expect(grace.GetByTestId("text-input")).ToHaveValueAsync("A draft");
        await ExpectOnlineAsync(ada, "Ada", "Grace");
    }

    [ChromiumFact]
    public async Task ChatPage_ServerKilledAgainAndAgain_EachLineIsThereOnce()
    {
        var port = SampleProcess.FindPort();
        var chat = await SampleProcess.StartAsync("Chat", port);
        var ada = await JoinAsync(chat, "Ada");
        var grace = await JoinAsync(chat, "Grace");
        for (var life = 0; life < 3; life++)
        {
            await SayAsync(ada, $"Ada {life}");
            await ExpectMessagesAsync(grace, own: false, [.. Enumerable.Range(0, life + 1).Select(i => $"Ada {i}")]);
            await chat.KillAsync();
            await chat.DisposeAsync();
            await SayAsync(grace, $"Grace {life}");
            chat = await SampleProcess.StartAsync("Chat", port);
            await ExpectMessagesAsync(ada, own: false, [.. Enumerable.Range(0, life + 1).Select(i => $"Grace {i}")]);
        }

        await using (chat)
        {
            await ExpectMessagesAsync(grace, own: true, "Grace 0", "Grace 1", "Grace 2");
            await ExpectMessagesAsync(ada, own: true, "Ada 0", "Ada 1", "Ada 2");
        }
    }

    [ChromiumFact]
    public async Task ChatPage_RoomLeft_CanJoinAnother()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var ada = await JoinAsync(chat, "Ada", "Garden");
        var grace = await JoinAsync(chat, "Grace", "Garden");
        await SayAsync(grace, "In the garden");
        await ExpectMessagesAsync(ada, own: false, "In the garden");

        await ada.GetByTestId("leave-button").ClickAsync();

        await Expect(Notice(grace, "Ada left")).ToBeVisibleAsync();
        await Expect(ada.GetByTestId("name-input")).ToHaveValueAsync("Ada");
        await JoinAsync(ada, "Ada", "Kitchen");
        await Expect(ada.GetByTestId("room-name")).ToHaveTextAsync("Kitchen");
        await ExpectMessagesAsync(ada, own: false);
        await ada.GetByTestId("leave-button").ClickAsync();
        await JoinAsync(ada, "Ada", "Garden");
        await ExpectMessagesAsync(ada, own: false, "In the garden");
    }

    [ChromiumFact]
    public async Task ChatPage_EmptyRoom_SaysWhatToDo()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var ada = await JoinAsync(chat, "Ada");
        await Expect(ada.GetByTestId("empty-hint")).ToBeVisibleAsync();

        await JoinAsync(chat, "Grace");

        await Expect(ada.GetByTestId("empty-hint")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task ChatPage_TextFromRightToLeft_TurnsNothingElse()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var salma = await JoinAsync(chat, "سلمى");
        await SayAsync(salma, "مرحبا!");

        var message = salma.GetByTestId("log").GetByTestId("message");
        await Expect(message.GetByTestId("message-text")).ToHaveCSSAsync("direction", "rtl");
        var author = (await message.GetByTestId("message-author").BoundingBoxAsync())!;
        var time = (await message.GetByTestId("message-time").BoundingBoxAsync())!;
        time.X.Should().BeGreaterThan(author.X + author.Width - 1, "the time stands behind the name");
    }

    [ChromiumFact]
    public async Task ChatPage_OnAPhone_FitsItsWidthAlsoWhenReconnecting()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        var page = await chromium.OpenAsync(chat.Address, new() { ViewportSize = new() { Width = 390, Height = 760 } });
        await JoinAsync(page, "A name of some length 24", "And a room's name as well");
        await SayAsync(page, new string('x', 300));
        await page.GetByTestId("pull-button").ClickAsync();
        await Expect(page.GetByTestId("banner")).ToBeVisibleAsync();

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(390);
        (await page.EvaluateAsync<bool>("[...document.querySelectorAll('button, .state')].filter((e) => e.offsetParent).every((e) => e.getBoundingClientRect().right <= 390)")).Should().BeTrue();
    }

    private async Task<IPage> JoinAsync(SampleProcess chat, string name, string room = "")
    {
        var page = await chromium.OpenAsync(chat.Address);
        await JoinAsync(page, name, room);
        return page;
    }

    private static async Task JoinAsync(IPage page, string name, string room)
    {
        await page.GetByTestId("room-input").FillAsync(room);
        await page.GetByTestId("name-input").FillAsync(name);
        await page.GetByTestId("join-button").ClickAsync();
        await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Connected");
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByTestId("text-input").FillAsync(text);
        await page.GetByTestId("text-input").PressAsync("Enter");
        await Expect(page.GetByTestId("text-input")).ToHaveValueAsync("");
    }

    private static ILocator Notice(IPage page, string text) =>
        page.GetByTestId("notice").GetByText(text, new LocatorGetByTextOptions { Exact = true });

    private static async Task ExpectMessagesAsync(IPage page, bool own, params string[] texts)
    {
        var messages = page.GetByTestId("log").Locator($"[data-testid=message][data-own={(own ? "true" : "false")}]");
        await Expect(messages.GetByTestId("message-text")).ToHaveTextAsync(texts);
    }

    /// <summary>In any order: after a restart, people come back in the order in which their pages notice.</summary>
    private static async Task ExpectOnlineAsync(IPage page, params string[] names)
    {
        await Expect(page.GetByTestId("online-count")).ToHaveTextAsync($"{names.Length}");
        var shown = page.GetByTestId("online-list").GetByTestId("online-name");
        await Expect(shown).ToHaveCountAsync(names.Length);
        foreach (var name in names)
            await Expect(shown.GetByText(name, new LocatorGetByTextOptions { Exact = true })).ToHaveCountAsync(1);
    }
}
