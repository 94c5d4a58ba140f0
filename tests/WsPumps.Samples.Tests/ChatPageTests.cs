using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

/// <summary>One server for all of them: each has rooms of its own.</summary>
public sealed class ChatPageTests(Chromium chromium, ChatServer server) : ChatPages(chromium), IClassFixture<ChatServer>
{
    [ChromiumFact]
    public async Task ChatPage_MessageSent_SeenOnOtherPage()
    {
        var chat = server.Process;
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
        var chat = server.Process;
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
        var chat = server.Process;
        var first = await JoinAsync(chat, "Ada");
        await JoinAsync(chat, "ada");

        await ExpectOnlineAsync(first, "Ada", "ada 2");
    }

    [ChromiumFact]
    public async Task ChatPage_TwoRooms_HearNothingOfEachOther()
    {
        var chat = server.Process;
        var ada = await JoinAsync(chat, "Ada", $"Garden of {Room}");
        var grace = await JoinAsync(chat, "Grace", $"Garden of {Room}");
        var edsger = await JoinAsync(chat, "Edsger", "");
        await Expect(ada.GetByTestId("room-name")).ToHaveTextAsync($"Garden of {Room}");
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
        var chat = server.Process;
        var grace = await JoinAsync(chat, "Grace");
        var ada = await JoinAsync(chat, "Ada");
        var tab = await ada.Context.NewPageAsync().InTime();
        await tab.GotoAsync(chat.Address.AbsoluteUri).InTime();
        await JoinAsync(tab, "Somebody", Room);

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
        var chat = server.Process;
        var page = await Browser.OpenAsync(chat.Address);

        await page.GetByTestId("name-input").FillAsync("   ");
        await page.GetByTestId("join-button").ClickAsync();

        await Expect(page.GetByTestId("join-error")).ToHaveTextAsync("Please enter a name.");
        await Expect(page.GetByTestId("connection-state")).ToHaveTextAsync("Not connected");
    }

    [ChromiumFact]
    public async Task ChatPage_RoomLeft_CanJoinAnother()
    {
        var chat = server.Process;
        var ada = await JoinAsync(chat, "Ada", $"Garden of {Room}");
        var grace = await JoinAsync(chat, "Grace", $"Garden of {Room}");
        await SayAsync(grace, "In the garden");
        await ExpectMessagesAsync(ada, own: false, "In the garden");

        await ada.GetByTestId("leave-button").ClickAsync();

        await Expect(Notice(grace, "Ada left")).ToBeVisibleAsync();
        await Expect(ada.GetByTestId("name-input")).ToHaveValueAsync("Ada");
        await JoinAsync(ada, "Ada", $"Kitchen of {Room}");
        await Expect(ada.GetByTestId("room-name")).ToHaveTextAsync($"Kitchen of {Room}");
        await ExpectMessagesAsync(ada, own: false);
        await ada.GetByTestId("leave-button").ClickAsync();
        await JoinAsync(ada, "Ada", $"Garden of {Room}");
        await ExpectMessagesAsync(ada, own: false, "In the garden");
    }

    [ChromiumFact]
    public async Task ChatPage_EmptyRoom_SaysWhatToDo()
    {
        var chat = server.Process;
        var ada = await JoinAsync(chat, "Ada");
        await Expect(ada.GetByTestId("empty-hint")).ToBeVisibleAsync();

        await JoinAsync(chat, "Grace");

        await Expect(ada.GetByTestId("empty-hint")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task ChatPage_TextFromRightToLeft_TurnsNothingElse()
    {
        var chat = server.Process;
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
        var chat = server.Process;
        var page = await Browser.OpenAsync(chat.Address, new() { ViewportSize = new() { Width = 390, Height = 760 } });
        await JoinAsync(page, new string('W', 24), "And a room's name as well");
        await SayAsync(page, new string('x', 300));
        await page.GetByTestId("pull-button").ClickAsync();
        await Expect(page.GetByTestId("banner")).ToBeVisibleAsync();

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).Should().BeLessThanOrEqualTo(390);
        (await page.EvaluateAsync<bool>("[...document.querySelectorAll('button, .state')].filter((e) => e.offsetParent).every((e) => e.getBoundingClientRect().right <= 390)")).Should().BeTrue();
        (await page.EvaluateAsync<bool>("[...document.querySelectorAll('.author')].every((e) => e.getBoundingClientRect().right <= e.closest('.bubble').getBoundingClientRect().right)"))
            .Should().BeTrue("a long name stays in its bubble");
    }
}
