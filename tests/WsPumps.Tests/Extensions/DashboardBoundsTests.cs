using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using WsPumps.Dashboard;
using WsPumps.Tests.Peers;
using static WsPumps.Tests.Extensions.DashboardHost;

namespace WsPumps.Tests.Extensions;

/// <summary>However much happens, the dashboard keeps and tells so much of it and no more.</summary>
public sealed class DashboardBoundsTests
{
    private const int Kept = 1000;
    private const int Told = 200;
    private const int KeptOfOne = 16;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(13)]
    public void Ring_SoManyValues_KeepsTheNewestInOrder(int values)
    {
        const int capacity = 5;
        var ring = new Ring<int>(capacity);

        for (var value = 1; value <= values; value++)
            ring.Add(value);

        ring.ToArray().Should().Equal(Enumerable.Range(1, values).TakeLast(capacity));
        ring.Newest.Should().Be(values);
    }

    [Fact]
    public async Task Log_MoreEventsThanItHolds_KeepsTheNewestAndTellsTheLastOfThem()
    {
        await using var host = await StartAsync();
        await host.ConnectKnownAsync("/chat");
        var client = host.Broadcaster.Manager.Clients.Single();
        for (var i = 0; i < Kept; i++)
        {
            host.Broadcaster.Join(client, $"room {i}");
            host.Broadcaster.Leave(client, $"room {i}");
        }

        var viewer = await ViewAsync(host);
        var log = await LogAsync(host, viewer, "", log => ((string?)log[0]!["text"]) == $"room {Kept - 1}" && (string?)log[0]!["kind"] == "left");
        log.Should().HaveCount(Told);
        var numbers = log.Select(happened => happened!["number"]!.GetValue<long>()).ToList();
        numbers.Should().BeInDescendingOrder().And.OnlyHaveUniqueItems();

        // What is told is searched for in all that is kept, and that is half of what has happened.
        (await LogAsync(host, viewer, $"room {Kept - 300}", log => log.Count > 0)).Should().HaveCount(2);
        (await LogAsync(host, viewer, "room", log => log.Count > 0))
            .Select(happened => int.Parse(happened!["text"]!.GetValue<string>()["room ".Length..], CultureInfo.InvariantCulture))
            .Should().OnlyContain(room => room >= Kept / 2);

        var told = await ShowAsync(viewer, $"\"view\":\"connection\",\"name\":\"{client.Id}\"", state => state["connection"] is not null, host);
        told["connection"]!["events"]!.AsArray().Should().HaveCount(KeptOfOne);
    }

    [Fact]
    public async Task Drops_SlowClient_AreLoggedOnceAPeriodAndTheStateSaysSoUntilTheyStop()
    {
        await using var host = await StartAsync(build: builder =>
        {
            PumpsHost.SmallBuffers(builder);
            PumpsHost.With(options =>
            {
                (options.MaxQueuedMessages, options.SlowClientPolicy) = (8, SlowClientPolicy.DropNewest);
                options.WriteTimeout = TimeSpan.FromDays(1);
            })(builder);
        });
        using var peer = await host.ConnectRawAsync(receiveBuffer: 4096, path: "/chat");
        await peer.SendAsync(Opcodes.Text, "known?"u8.ToArray());
        await peer.ReceiveAsync();
        var client = host.Broadcaster.Manager.Clients.Single();
        while (client.Statistics.MessagesDropped < 2)
            client.Write(Message.Binary(new byte[16 * 1024]));
        var viewer = await ViewAsync(host);
        await SampledAsync(host);
        var state = await ShowAsync(viewer, "\"state\":\"dropping\"", state => (string?)state["query"]!["state"] == "dropping");
        var row = state["table"]!["rows"]!.AsArray().Should().ContainSingle().Subject!;
        row["state"]!.GetValue<string>().Should().Be("dropping");
        var dropped = client.Statistics.MessagesDropped;
        row["dropped"]!.GetValue<long>().Should().Be(dropped);
        var log = await LogAsync(host, viewer, "", log => log.Any(happened => (string?)happened!["kind"] == "dropped"));
        var drops = log.Where(happened => (string?)happened!["kind"] == "dropped").ToList();
        drops.Should().ContainSingle().Which!["text"]!.GetValue<string>().Should().Be($"{dropped} messages");
        drops[0]!["severity"]!.GetValue<string>().Should().Be("warning");

        await SampledAsync(host);
        await ShowAsync(viewer, "\"state\":\"waiting\"", state => (string?)state["query"]!["state"] == "waiting"
            && state["table"]!["rows"]!.AsArray().Count == 1, host);
    }

    [Fact]
    public async Task Groups_MoreThanCanBeShown_TheLargestAre()
    {
        await using var host = await StartAsync();
        await host.ConnectKnownAsync("/chat");
        await host.ConnectKnownAsync("/chat");
        for (var i = 0; i < Told + 50; i++)
            host.Broadcaster.Join(host.Broadcaster.Manager.Clients.First(), $"room {i}");
        foreach (var client in host.Broadcaster.Manager.Clients)
            host.Broadcaster.Join(client, "zzz, the largest");

        var state = await ShowAsync(await ViewAsync(host), "\"view\":\"groups\"", state => state["groups"] is not null);

        state["groups"]!.AsArray().Should().HaveCount(Told);
        state["groups"]![0]!["name"]!.GetValue<string>().Should().Be("zzz, the largest");
    }

    /// <summary>Lets a period of the history pass, and waits until its sample was taken.</summary>
    private static async Task SampledAsync(PumpsHost host)
    {
        var viewer = await ViewAsync(host);
        var before = (await StateAsync(viewer))["sample"]!["at"]!.GetValue<long>();
        await StateAsync(viewer, state => state["sample"]!["at"]!.GetValue<long>() > before, host);
        await viewer.CloseAsync();
    }

    private static async Task<JsonArray> LogAsync(PumpsHost host, WebSocket viewer, string search, Func<JsonArray, bool> until)
    {
        var state = await ShowAsync(viewer, $"\"view\":\"log\",\"search\":\"{search}\"",
            state => (string?)state["query"]!["search"] == search && state["log"] is JsonArray { Count: > 0 } log && until(log), host);
        return state["log"]!.AsArray();
    }
}
