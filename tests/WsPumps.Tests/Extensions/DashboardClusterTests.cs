using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Testing;
using WsPumps.Tests.Peers;
using static WsPumps.Tests.Extensions.DashboardHost;

namespace WsPumps.Tests.Extensions;

public sealed class DashboardClusterTests
{
    [Fact]
    public async Task Cluster_TwoServers_AreShownFoundAndKickedAcross()
    {
        var network = new TestBackplaneNetwork();
        var (engine, elsewhere) = (network.Add(), network.Add());
        await using var here = await StartAsync(engine, "here");
        await using var there = await StartAsync(elsewhere, "there");
        var peer = await there.ConnectKnownAsync("/chat");
        var client = there.Broadcaster.Manager.Clients.Single();
        there.Broadcaster.Join(client, "Red room");
        var viewer = await here.ConnectAsync("/pumps/live");
        await viewer.SendTextAsync("""{"show":{"view":"cluster"}}""");

        var state = await StateAsync(viewer, state => state["cluster"]?["nodes"]!.AsArray().Any(node =>
            (string?)node!["name"] == "there" && node["connections"]!.GetValue<int>() == 1) is true);
        state["cluster"]!["nodes"]!.AsArray().Should().HaveCount(2);
        state["hasCluster"]!.GetValue<bool>().Should().BeTrue();

        var found = await AskAsync(viewer, "find", "group", "Red room", "found", answer => answer["clients"]!.AsArray().Count == 1);
        found["clients"]![0]!["node"]!.GetValue<string>().Should().Be("there");
        found["clients"]![0]!["id"]!.GetValue<string>().Should().Be(client.Id);
        found["missing"]!.AsArray().Should().BeEmpty();

        network.Cut(engine, elsewhere);
        found = await AskAsync(viewer, "find", "group", "Red room", "found", _ => true);
        found["missing"]!.AsArray().Select(name => name!.GetValue<string>()).Should().Equal("there");
        network.Heal();

        // A kick spares who has come since, by clocks that are compared roughly: it is tried until it counts.
        await AskAsync(viewer, "kick", "connection", client.Id, "kicked", answer => answer["closed"]!.GetValue<int>() == 1);
        (await peer.ReceiveEndAsync()).Should().Be(WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task Find_MoreThanAHundredOnOneServer_AHundredAreListedAndTheServerIsNamed()
    {
        const int shown = 100;
        var network = new TestBackplaneNetwork();
        await using var here = await StartAsync(network.Add(), "here");
        await using var there = await StartAsync(network.Add(), "there");
        await here.ConnectKnownAsync("/chat");
        for (var i = 0; i < shown; i++)
            await there.ConnectKnownAsync("/chat");
        foreach (var host in new[] { here, there })
        {
            foreach (var client in host.Broadcaster.Manager.Clients)
                host.Broadcaster.Join(client, "Red room");
        }

        var viewer = await here.ConnectAsync("/pumps/live");
        var found = await AskAsync(viewer, "find", "group", "Red room", "found", answer => answer["clients"]!.AsArray().Count > shown);
        found["clients"]!.AsArray().CountBy(client => (string)client!["node"]!).ToDictionary()
            .Should().Equal(new Dictionary<string, int> { ["here"] = 1, ["there"] = shown });
        found["more"]!.AsArray().Should().BeEmpty();

        await there.ConnectKnownAsync("/chat");
        foreach (var client in there.Broadcaster.Manager.Clients)
            there.Broadcaster.Join(client, "Red room");

        found = await AskAsync(viewer, "find", "group", "Red room", "found", answer => answer["more"]!.AsArray().Count > 0);
        found["more"]!.AsArray().Select(name => (string)name!).Should().Equal("there");
        found["clients"]!.AsArray().Should().HaveCount(shown + 1);
    }

    [Fact]
    public async Task Kick_OneServerDoesNotAnswer_TheOthersCloseAndItIsNamed()
    {
        var network = new TestBackplaneNetwork();
        var (engine, elsewhere, silent) = (network.Add(), network.Add(), network.Add());
        await using var here = await StartAsync(engine, "here");
        await using var there = await StartAsync(elsewhere, "there");
        await using var away = await StartAsync(silent, "away");
        var peers = new List<WebSocket>();
        foreach (var host in new[] { here, there, away })
        {
            peers.Add(await host.ConnectKnownAsync("/chat"));
            host.Broadcaster.Join(host.Broadcaster.Manager.Clients.Single(), "Red room");
        }

        var viewer = await here.ConnectAsync("/pumps/live");
        await viewer.SendTextAsync("""{"show":{"view":"cluster"}}""");
        await StateAsync(viewer, state => state["cluster"]?["nodes"]!.AsArray().Count == 3);
        await AskAsync(viewer, "find", "group", "Red room", "found", answer => answer["clients"]!.AsArray().Count == 3);

        network.Partition(silent);
        // A kick spares who has come since, by clocks that are compared roughly.
        var ends = Task.WhenAll(peers[0].ReceiveEndAsync(), peers[1].ReceiveEndAsync());
        do
        {
            var answer = await AskAsync(viewer, "kick", "group", "Red room", "kicked", _ => true);
            answer["missing"]!.AsArray().Select(name => name!.GetValue<string>()).Should().Equal("away");
        }
        while (!ends.IsCompleted);

        (await ends).Should().AllBeEquivalentTo(WebSocketCloseStatus.PolicyViolation);
        away.Broadcaster.Group("Red room").Local.Count.Should().Be(1);
        (await here.Logs.FirstAsync("DashboardKick")).Message.Should().Contain("group Red room");
    }

    private static Task<PumpsHost> StartAsync(TestBackplane engine, string name) => PumpsHost.StartAppAsync(
        app =>
        {
            app.MapWebSocketPumpsDashboard().AllowAnonymous();
            app.MapWebSocketPumps("/chat", Echo.Handler);
        },
        builder =>
        {
            PumpsHost.RealTime(builder);
            builder.Services.AddWebSocketPumps().AddBackplane(_ => engine, options =>
            {
                options.NodeName = name;
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
                options.NodeTimeout = TimeSpan.FromSeconds(30);
            });
        });

    private static async Task<JsonNode> AskAsync(WebSocket viewer, string what, string kind, string name, string type, Func<JsonNode, bool> until)
    {
        while (true)
        {
            await viewer.SendTextAsync($$$"""{"{{{what}}}":{"kind":"{{{kind}}}","name":"{{{name}}}"}}""");
            var answer = await StateAsync(viewer, type: type);
            if (until(answer))
                return answer;
        }
    }
}
