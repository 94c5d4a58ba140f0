using static Microsoft.Playwright.Assertions;

namespace WsPumps.Samples.Tests;

/// <summary>The server goes, or the way to it.</summary>
public sealed class ChatPageRestartTests(Chromium chromium) : ChatPages(chromium)
{
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
}
