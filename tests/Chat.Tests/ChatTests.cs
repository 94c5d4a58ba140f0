using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Chat.Tests;

/// <summary>The chat sample, as a user of the library tests it: the program as it is, peers in memory, and a clock that the test moves.</summary>
public sealed class ChatTests : IAsyncDisposable
{
    private readonly PumpsTestHost _host = new();
    private readonly WebApplicationFactory<Program> _factory;

    public ChatTests()
    {
        _factory = new WebApplicationFactory<Program>().WithWebHostBuilder(_host.AddTo);
        _factory.StartServer();
    }

    [Fact]
    public async Task Join_FirstPage_IsWelcomeAndSeesItself()
    {
        var alice = await _host.ConnectAsync("/chat");

        await alice.SendAsync("""{ "type": "join", "name": "Alice", "session": "a" }""");

        await alice.ExpectJsonAsync("""{ "type": "welcome", "you": { "name": "Alice" }, "room": "Lobby" }""");
        await alice.ExpectJsonAsync("""{ "type": "online", "people": [{ "name": "Alice", "pages": 1 }], "joined": { "name": "Alice" } }""");
        await alice.ExpectNothingAsync();
    }

    [Fact]
    public async Task Say_InARoom_ReachesThatRoomAlone()
    {
        var alice = await JoinAsync("Alice", "tea");
        var bob = await JoinAsync("Bob", "tea");
        var carol = await JoinAsync("Carol", "coffee");

        await bob.SendAsync("""{ "type": "say", "text": "Milk?", "key": "1" }""");

        await alice.ExpectEventuallyAsync(message => message.Text.Contains("Milk?", StringComparison.Ordinal));
        await bob.ExpectEventuallyAsync(message => message.Text.Contains("Milk?", StringComparison.Ordinal));
        await carol.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("no JSON", "does not understand")]
    [InlineData("""{ "type": "dance" }""", "does not understand")]
    [InlineData("""{ "type": "join", "session": "a" }""", "enter a name")]
    [InlineData("""{ "type": "say", "text": "hello", "key": "1" }""", "join first")]
    public async Task Message_OutOfPlace_IsRefusedWithAReason(string message, string reason)
    {
        var page = await _host.ConnectAsync("/chat");

        await page.SendAsync(message);

        await page.ExpectAsync(answer => answer.Text.Contains("refused", StringComparison.Ordinal) && answer.Text.Contains(reason, StringComparison.Ordinal), $"a refusal with '{reason}'");
    }

    [Fact]
    public async Task Message_TooLarge_ClosesTheConnection()
    {
        var page = await _host.ConnectAsync("/chat");

        await page.SendAsync(new string('x', 10_000));

        await page.ExpectCloseAsync(1009);
    }

    [Fact]
    public async Task Page_ThatComesBack_TakesItsPlaceFromTheLostConnection()
    {
        var alice = await JoinAsync("Alice", "tea");
        var bob = await JoinAsync("Bob", "tea");
        await alice.ExpectEventuallyAsync(message => message.Text.Contains("Bob", StringComparison.Ordinal));
        // Bob's phone has lost its network, and the server does not know yet.
        bob.Link.StallReads();
        bob.Link.StallWrites();

        var again = await JoinAsync("Bob", "tea");

        (await bob.ExpectRecordAsync()).Reason.Should().Be(WsPumps.DisconnectReason.Aborted);
        await alice.ExpectJsonAsync("""{ "type": "online", "people": [{ "name": "Alice" }, { "name": "Bob" }] }""");
        await again.ExpectNothingAsync();
    }

    [Fact]
    public async Task Page_ThatIsDead_LeavesTheRoomWhenNoPongComes()
    {
        var alice = await JoinAsync("Alice", "tea");
        var bob = await JoinAsync("Bob", "tea");
        await alice.ExpectEventuallyAsync(message => message.Text.Contains("Bob", StringComparison.Ordinal));
        bob.AnswersPings = false;

        await _host.Time.AdvanceAsync(TimeSpan.FromSeconds(41));

        await alice.ExpectJsonAsync("""{ "type": "online", "people": [{ "name": "Alice" }], "left": { "name": "Bob" } }""");
    }

    [Fact]
    public async Task Rooms_OverHttp_SayHowManyPagesAreOpen()
    {
        await JoinAsync("Alice", "tea");
        await JoinAsync("Bob", "tea");

        var rooms = await _factory.CreateClient().GetFromJsonAsync<JsonElement>("/rooms");

        rooms.EnumerateArray().Should().ContainSingle().Which.GetProperty("pages").GetInt32().Should().Be(2);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _factory.DisposeAsync();
    }

    private async Task<TestPeer> JoinAsync(string name, string room)
    {
        var page = await _host.ConnectAsync("/chat");
        await page.SendAsync($$"""{ "type": "join", "name": "{{name}}", "session": "{{name}}", "room": "{{room}}" }""");
        await page.ExpectJsonAsync("""{ "type": "welcome" }""");
        await page.ExpectJsonAsync("""{ "type": "online" }""");
        return page;
    }
}
