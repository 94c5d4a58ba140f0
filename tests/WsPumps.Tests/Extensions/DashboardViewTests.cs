using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using WsPumps.Tests.Peers;
using static WsPumps.Tests.Extensions.DashboardHost;

namespace WsPumps.Tests.Extensions;

public sealed class DashboardViewTests
{
    [Fact]
    public async Task History_NobodyLooked_IsThereAndBounded()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            var timers = host.Clock.ActiveTimers;
            host.Clock.Advance(TimeSpan.FromSeconds(5));
            await host.Clock.UntilTimersAsync(timers);
        }

        var history = await StateAsync(await ViewAsync(host), type: "history");

        history["samples"]!.AsArray().Count.Should().BeInRange(2, 4);
        history["samples"]![0]!["connections"]!.GetValue<int>().Should().Be(0);
        history["samples"]![1]!["at"]!.GetValue<long>().Should().BeGreaterThan(history["samples"]![0]!["at"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("\"sort\":\"received\",\"descending\":true", 3, 1)]
    [InlineData("\"sort\":\"received\"", 1, 3)]
    public async Task Sort_ByMessages_IsInThatOrder(string query, int first, int last)
    {
        await using var host = await StartAsync();
        foreach (var messages in new[] { 2, 0, 1 })
        {
            var peer = await host.ConnectKnownAsync("/chat");
            for (var i = 0; i < messages; i++)
            {
                await peer.SendTextAsync("more");
                await peer.ReceiveTextAsync();
            }
        }

        var viewer = await ViewAsync(host);
        var state = await ShowAsync(viewer, query, state => (string?)state["query"]!["sort"] == "received");

        var received = state["table"]!["rows"]!.AsArray().Select(row => row!["received"]!.GetValue<int>()).ToList();
        received.Should().HaveCount(3).And.StartWith(first).And.EndWith(last);
    }

    [Theory]
    [InlineData("\"endpoint\":\"/chat\"", 2)]
    [InlineData("\"endpoint\":\"/cha\"", 0)]
    [InlineData("\"group\":\"RED\"", 1)]
    [InlineData("\"address\":\"127.0\"", 2)]
    [InlineData("\"address\":\"10.\"", 0)]
    [InlineData("\"user\":\"ada\"", 0)]
    [InlineData("\"state\":\"fine\"", 2)]
    [InlineData("\"state\":\"waiting\"", 0)]
    [InlineData("\"group\":\"red\",\"endpoint\":\"/other\"", 0)]
    public async Task Filter_OfOneKind_ShowsWhatMatches(string query, int matching)
    {
        await using var host = await StartAsync();
        await host.ConnectKnownAsync("/chat");
        await host.ConnectKnownAsync("/chat");
        host.Broadcaster.Join(host.Broadcaster.Manager.Clients.First(), "Red room");
        var viewer = await ViewAsync(host);

        var state = await ShowAsync(viewer, $"{query},\"name\":\"asked\"", state => (string?)state["query"]!["name"] == "asked");

        state["table"]!["matching"]!.GetValue<int>().Should().Be(matching);
        state["table"]!["endpoints"]![0]!["name"]!.GetValue<string>().Should().Be("/chat");
    }

    [Fact]
    public async Task Page_MoreConnectionsThanRows_TurnsThem()
    {
        await using var host = await StartAsync();
        for (var i = 0; i < 52; i++)
            await host.ConnectKnownAsync("/chat");
        var viewer = await ViewAsync(host);

        var state = await ShowAsync(viewer, "\"page\":1,\"sort\":\"id\"", state => state["table"]!["page"]!.GetValue<int>() == 1);

        state["table"]!["pages"]!.GetValue<int>().Should().Be(2);
        state["table"]!["rows"]!.AsArray().Should().HaveCount(2);
    }

    [Fact]
    public async Task Connection_OpenThenEnded_ItsHandshakeGroupsAndEventsAreTold()
    {
        await using var host = await StartAsync();
        var peer = await host.ConnectAsync("/chat?secret=42", options => options.SetRequestHeader("User-Agent", new string('a', 1000)));
        await peer.SendTextAsync("known?");
        await peer.ReceiveTextAsync();
        var client = host.Broadcaster.Manager.Clients.Single();
        host.Broadcaster.Join(client, "Red room");
        var viewer = await ViewAsync(host);
        var query = $"\"view\":\"connection\",\"name\":\"{client.Id}\"";

        var told = (await ShowAsync(viewer, query, state => state["connection"] is not null))["connection"]!;

        told["isOpen"]!.GetValue<bool>().Should().BeTrue();
        told["handshake"]!["endpoint"]!.GetValue<string>().Should().Be("/chat");
        told["handshake"]!["userAgent"]!.GetValue<string>().Should().HaveLength(257);
        told["groups"]![0]!.GetValue<string>().Should().Be("Red room");
        told.ToJsonString().Should().NotContain("secret");
        Kinds(told["events"]!).Should().Equal("opened", "joined");

        await peer.CloseAsync();
        told = (await StateAsync(viewer, state => state["connection"]?["isOpen"]!.GetValue<bool>() is false && Kinds(state["connection"]!["events"]!).Contains("ended"), host))["connection"]!;
        Kinds(told["events"]!).Should().Equal("opened", "joined", "left", "ended");
        told["events"]![3]!["severity"]!.GetValue<string>().Should().Be("good");
    }

    [Fact]
    public async Task Table_PeerAnswersNoPing_SaysForHowLongUntilItDoes()
    {
        await using var host = await StartAsync(build: PumpsHost.With(options =>
            (options.PingInterval, options.PongTimeout) = (TimeSpan.FromSeconds(10), TimeSpan.FromHours(1))));
        var peer = await host.ConnectRawAsync(path: "/chat");
        var viewer = await ViewAsync(host);

        var late = await StateAsync(viewer, state => StateOf(state) is "unanswered", host);
        late["table"]!["rows"]![0]!["unansweredFor"]!.GetValue<int>().Should().BeGreaterThanOrEqualTo(3);

        var ping = await peer.ReceiveAsync();
        ping!.Value.Opcode.Should().Be(Opcodes.Ping);
        // The clock stands still until the answer has come.
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Broadcaster.Manager.Clients.Single().Events.PongReceived += _ => answered.TrySetResult();
        await peer.SendAsync(Opcodes.Pong, ping.Value.Payload);
        await answered.Task.InTime();
        await StateAsync(viewer, state => StateOf(state) is "fine", host);

        static string? StateOf(JsonNode state) => (string?)state["table"]?["rows"]?.AsArray().FirstOrDefault()?["state"];
    }

    [Fact]
    public async Task Terms_OfEachEnding_AreExplained()
    {
        await using var host = await StartAsync(mapped: dashboard => dashboard.AllowAnonymous());

        var terms = await (await host.SendAsync(HttpMethod.Get, "/admin/pumps/terms.js")).Content.ReadAsStringAsync();

        foreach (var reason in Enum.GetNames<DisconnectReason>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Append("not_created"))
            terms.Should().Contain($"  {reason}: \"");
    }

    [Fact]
    public async Task Log_HandlerFails_EndingIsBad()
    {
        await using var host = await PumpsHost.StartAppAsync(app =>
        {
            app.MapWebSocketPumpsDashboard().AllowAnonymous();
            app.MapWebSocketPumps("/", endpoint => endpoint.OnMessage((_, _, _) => throw new InvalidOperationException("on purpose")));
        });
        var viewer = await host.ConnectAsync("/pumps/live");
        var peer = await host.ConnectAsync();
        await peer.SendTextAsync("x");
        await peer.ReceiveEndAsync();

        await viewer.SendTextAsync("""{"show":{"view":"log"}}""");
        var state = await StateAsync(viewer, state => state["log"]?.AsArray().Any(happened => (string?)happened!["kind"] == "ended") is true, host);

        var ending = state["log"]![0]!;
        ending["severity"]!.GetValue<string>().Should().Be("bad");
        ending["text"]!.GetValue<string>().Should().StartWith("HandlerError").And.EndWith("InvalidOperationException");
        state["endings"]!["handler_error"]!["severity"]!.GetValue<string>().Should().Be("bad");
    }

    [Fact]
    public async Task Views_OfGroupsAndServer_TellTheirFigures()
    {
        await using var host = await StartAsync();
        await host.ConnectKnownAsync("/chat");
        host.Broadcaster.Join(host.Broadcaster.Manager.Clients.Single(), "Red room");
        var viewer = await ViewAsync(host);

        (await ShowAsync(viewer, "\"view\":\"groups\"", state => state["groups"] is not null))["groups"]![0]!["count"]!.GetValue<int>().Should().Be(1);
        var group = await ShowAsync(viewer, "\"view\":\"group\",\"name\":\"Red room\"", state => state["group"] is not null);
        group["group"]!["members"]!.GetValue<int>().Should().Be(1);
        group["table"]!["rows"]!.AsArray().Should().HaveCount(1);
        var node = (await ShowAsync(viewer, "\"view\":\"node\"", state => state["node"] is not null))["node"]!;
        node["threads"]!.GetValue<int>().Should().BePositive();
        node["memory"]!.GetValue<long>().Should().BePositive();
    }

    [Fact]
    public async Task Kick_OfAGroup_ClosesItsMembersOnly()
    {
        await using var host = await StartAsync();
        var peer = await host.ConnectKnownAsync("/chat");
        host.Broadcaster.Join(host.Broadcaster.Manager.Clients.Single(), "Red room");
        await host.ConnectKnownAsync("/chat");
        var viewer = await ViewAsync(host);

        await viewer.SendTextAsync("""{"kick":{"kind":"group","name":"Red room"}}""");

        (await StateAsync(viewer, type: "kicked"))["closed"]!.GetValue<int>().Should().Be(1);
        await peer.ReceiveEndAsync();
        (await host.Logs.FirstAsync("DashboardKick")).Message.Should().Contain("group Red room");
    }

    [Fact]
    public async Task Kick_OfANameThatCommandsATerminal_IsLoggedEscaped()
    {
        await using var host = await StartAsync();
        await host.ConnectKnownAsync("/chat");
        host.Broadcaster.Join(host.Broadcaster.Manager.Clients.Single(), "\u001b[31m\u202Emoor");
        var viewer = await ViewAsync(host);

        await viewer.SendTextAsync("""{"kick":{"kind":"group","name":"\u001b[31m\u202Emoor"}}""");

        (await host.Logs.FirstAsync("DashboardKick")).Message.Should().Contain(@"\u001B[31m\u202Emoor");
    }

    private static IEnumerable<string> Kinds(JsonNode events) => events.AsArray().Select(happened => happened!["kind"]!.GetValue<string>());
}
