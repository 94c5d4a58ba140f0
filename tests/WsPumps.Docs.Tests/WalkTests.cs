using System.Net.WebSockets;
using System.Text;
using System.Xml.Linq;

namespace WsPumps.Docs.Tests;

/// <summary>The way of a new user: the packages as they are published, an empty folder, and what the pages say, word for word.</summary>
[Trait("Category", "Stress")]
public sealed class WalkTests(NewProject project) : IClassFixture<NewProject>
{
    [Fact]
    public async Task GettingStarted_WordForWord_BroadcastsToTwoPages()
    {
        var page = Repository.Page("docs/getting-started.md");
        await project.WriteAsync("Program.cs", FirstBlock(page, "csharp"));
        await project.WriteAsync("wwwroot/index.html", FirstBlock(page, "html"));
        var (server, address) = await project.RunAsync();
        await using var _ = server;
        using var http = new HttpClient();
        (await http.GetStringAsync(address)).Should().Contain("ReconnectingWebSocket");
        (await http.GetStringAsync(new Uri(new Uri(address), "/ws-pumps.js"))).Should().Contain("ReconnectingWebSocket");
        using var first = await ConnectAsync(address, "/ws");
        using var second = await ConnectAsync(address, "/ws");

        await first.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        // Who hears it is registered, and the sender is.
        (await ReceiveAsync(first)).Should().Be("hello");
        await second.SendAsync("me too"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        (await ReceiveAsync(first)).Should().Be("me too");
        using var response = await http.PostAsync(new Uri(new Uri(address), "/announce/hello"), content: null);
        var answer = await response.Content.ReadAsStringAsync();
        answer.Should().Be("""{"queued":2,"dropped":0,"closed":0,"published":false}""");
        page.Text.Should().Contain(answer);
    }

    [Fact]
    public async Task Readme_WholeProgram_RunsAndEchoes()
    {
        var blocks = Repository.Page("README.md").Code.Where(block => block.Language is "csharp");
        await project.WriteAsync("Program.cs", new GrowingProgram(blocks).Code);
        var (server, address) = await project.RunAsync();
        await using var _ = server;
        using var socket = await ConnectAsync(address, "/echo");

        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        (await ReceiveAsync(socket)).Should().Be("hello");
    }

    /// <summary>It knows internals of the core, so another version of the core would not fit it.</summary>
    [Fact]
    public void Package_OfTheServer_DependsOnExactlyTheCoreItWasBuiltWith()
    {
        using var package = project.Open("WsPumps");
        using var nuspec = package.GetEntry("WsPumps.nuspec")!.Open();

        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();

        var version = metadata.Elements().Single(element => element.Name.LocalName == "version").Value;
        var core = metadata.Descendants().Single(element => element.Attribute("id")?.Value == "WsPumps.Core");
        core.Attribute("version")!.Value.Should().Be($"[{version}]");
    }

    private static string FirstBlock(MarkdownPage page, string language) => page.Code.First(block => block.Language == language).Code;

    private static async Task<ClientWebSocket> ConnectAsync(string address, string path)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(new Uri(address), path)) { Scheme = "ws" }.Uri, CancellationToken.None).InTime();
        return socket;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).InTime();
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
