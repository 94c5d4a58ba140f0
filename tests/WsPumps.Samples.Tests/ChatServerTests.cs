using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace WsPumps.Samples.Tests;

public sealed class ChatServerTests(ChatServer server) : IClassFixture<ChatServer>
{
    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"text":"no type"}""")]
    [InlineData("""{"type":"dance"}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"say","text":{},"key":"1"}""")]
    [InlineData("""{"type":"say","text":"\ud800","key":"1"}""")]
    public async Task Chat_MessageNotUnderstood_RefusedAndConnectionStays(string message)
    {
        using var socket = await OpenAsync();

        await socket.SendAsync(message);

        (await RefusalAsync(socket)).Should().Be("The server does not understand this message.");
        var name = NewName();
        (await JoinAsync(socket, name)).Should().Be(name);
    }

    [Fact]
    public async Task Chat_BinaryMessage_RefusedAndConnectionStays()
    {
        using var socket = await OpenAsync();

        await socket.SendAsync([0, 255, 1], WebSocketMessageType.Binary);

        (await RefusalAsync(socket)).Should().Be("The server does not understand this message.");
        var name = NewName();
        (await JoinAsync(socket, name)).Should().Be(name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("\u202e\u200b")]
    [InlineData(null)]
    public async Task Chat_NothingVisibleAsName_Refused(string? name)
    {
        using var socket = await OpenAsync();

        await socket.SendJsonAsync(new { type = "join", name, session = "1" });

        (await RefusalAsync(socket)).Should().Be("Please enter a name.");
    }

    [Theory]
    [InlineData("  Ada \t\n Lovelace ", "Ada Lovelace")]
    [InlineData("B\u202eo\u200bb\u0007", "Bob")]
    [InlineData("123456789 123456789 1234567", "123456789 123456789 1234")]
    [InlineData("123456789 123456789 123\U0001F600", "123456789 123456789 123")]
    public async Task Chat_NameOfAnyKind_JoinsWithCleanName(string name, string expected)
    {
        using var socket = await OpenAsync();

        (await JoinAsync(socket, name)).Should().Be(expected);
    }

    [Fact]
    public async Task Chat_MessageBeforeJoining_Refused()
    {
        using var socket = await OpenAsync();

        await socket.SendJsonAsync(new { type = "say", text = "Hello", key = "1" });

        (await RefusalAsync(socket)).Should().Be("Please join first.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task Chat_TextEmptyOrTooLong_RefusedWithItsKey(int length)
    {
        using var socket = await OpenAsync();
        await JoinAsync(socket, "Ada");

        await socket.SendJsonAsync(new { type = "say", text = new string('x', length), key = "mine" });

        var refused = await socket.ReceiveJsonAsync("refused");
        ((string?)refused["reason"]).Should().Be("A message has 1 to 1000 characters.");
        ((string?)refused["key"]).Should().Be("mine");
    }

    [Fact]
    public async Task Chat_LongestTextInLargestEncoding_Said()
    {
        using var socket = await OpenAsync();
        await JoinAsync(socket, "Ada");
        var text = new string('\u4e2d', 1000);

        await socket.SendJsonAsync(new { type = "say", text, key = "1" });

        ((string?)(await socket.ReceiveJsonAsync("said"))["text"]).Should().Be(text);
    }

    [Fact]
    public async Task Chat_PageBackBeforeOldConnectionIsKnownLost_KeepsItsName()
    {
        await using var chat = await SampleProcess.StartAsync("Chat");
        using var other = await OpenAsync(chat);
        await JoinAsync(other, "Other");
        using var lost = await OpenAsync(chat);
        await JoinAsync(lost, "Ada", "session of Ada");
        using var back = await OpenAsync(chat);

        var name = await JoinAsync(back, "Ada", "session of Ada");

        name.Should().Be("Ada");
        Names(await back.ReceiveJsonAsync("online")).Should().Equal("Other", "Ada");
        await lost.Awaiting(DrainAsync).Should().ThrowAsync<WebSocketException>();
    }

    [Fact]
    public async Task Chat_ManyJoinAndLeaveAtOnce_EverybodyKnowsWhoIsThere()
    {
        const int Pairs = 20;
        await using var chat = await SampleProcess.StartAsync("Chat");
        var staying = await Task.WhenAll(Enumerable.Range(0, Pairs).Select(_ => OpenAsync(chat)));
        var leaving = await Task.WhenAll(Enumerable.Range(0, Pairs).Select(_ => OpenAsync(chat)));
        await Task.WhenAll(leaving.Select(socket => JoinAsync(socket, "Ada")));

        await Task.WhenAll([.. leaving.Select(socket => socket.CloseAsync()), .. staying.Select(socket => JoinAsync(socket, "Ada"))]);

        // The highest version is the last change: each page of those who stay must have got it.
        const int Changes = (Pairs * 2) + Pairs;
        foreach (var socket in staying)
            Names(await LastListAsync(socket, Changes)).Should().HaveCount(Pairs).And.OnlyHaveUniqueItems();

        foreach (var socket in staying.Concat(leaving))
            socket.Dispose();
    }

    private Task<Socket> OpenAsync() => OpenAsync(server.Process);

    private static Task<Socket> OpenAsync(SampleProcess chat) => Socket.OpenAsync(chat, "/chat");

    /// <summary>Who has left is known to have done so a little later only.</summary>
    private static string NewName() => $"Ada {Guid.NewGuid():N}"[..20];

    private static async Task<string> JoinAsync(Socket socket, string name, string? session = null)
    {
        await socket.SendJsonAsync(new { type = "join", name, session = session ?? Guid.NewGuid().ToString() });
        return (string)(await socket.ReceiveJsonAsync("welcome"))["you"]!["name"]!;
    }

    private static async Task<string?> RefusalAsync(Socket socket) => (string?)(await socket.ReceiveJsonAsync("refused"))["reason"];

    private static async Task<JsonNode> LastListAsync(Socket socket, long version)
    {
        JsonNode list;
        do
            list = await socket.ReceiveJsonAsync("online");
        while ((long)list["version"]! < version);
        return list;
    }

    private static async Task DrainAsync(Socket socket)
    {
        while (true)
            await socket.ReceiveAsync();
    }

    private static IEnumerable<string> Names(JsonNode online) => online["people"]!.AsArray().Select(person => (string)person!["name"]!);
}
