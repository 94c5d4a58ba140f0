using System.Net.Http.Json;
using System.Text.Json;

namespace WsPumps.Samples.Tests;

/// <summary>A server of a cluster is killed while the others write.</summary>
public sealed class KilledServerTests
{
    [RedisFact]
    public async Task Server_IsKilledWhileOthersWrite_TheirMessagesArriveOrAreCounted()
    {
        const int Messages = 1000;
        var port = ServerProcess.FreePort();
        await using var redis = await ServerProcess.StartAsync("redis-server", port, "--port", $"{port}", "--bind", "127.0.0.1", "--save", "");
        await using var one = await SampleProcess.StartAsync("Echo", arguments: $"--Redis=127.0.0.1:{port}");
        await using var two = await SampleProcess.StartAsync("Echo", arguments: $"--Redis=127.0.0.1:{port}");
        await using var killed = await SampleProcess.StartAsync("Echo", arguments: $"--Redis=127.0.0.1:{port}");
        using var writer = await Socket.OpenAsync(one, "/broadcast");
        using var otherWriter = await Socket.OpenAsync(killed, "/broadcast");
        foreach (var server in new[] { one, two, killed })
            await UntilAsync(server, stats => stats.EngineState is "Connected");
        // Connected is not yet subscribed: nothing tells outside of the process when that is so.
        await Task.Delay(2000);

        for (var i = 0; i < Messages; i++)
        {
            await writer.SendAsync($"{i}");
            if (i < Messages / 2)
                await otherWriter.SendAsync($"{i}");
            if (i == Messages / 2)
                await killed.KillAsync();
        }

        await UntilAsync(one, stats => stats.Published == Messages);
        await UntilAsync(two, stats => stats.Received + stats.Gaps >= Messages);
        await UntilAsync(one, stats => stats.Received > 0);
        await Task.Delay(1000);
        // What the killed one has published and what was lost with it arrives in part; what the living one has published, whole.
        var (sender, receiver) = (await StatsAsync(one), await StatsAsync(two));
        receiver.Gaps.Should().Be(0);
        sender.Gaps.Should().Be(0);
        receiver.Received.Should().Be(sender.Published + sender.Received, "both have heard the same of the killed one, and the receiver all of the sender");
    }

    private static async Task<Stats> StatsAsync(SampleProcess echo)
    {
        using var http = new HttpClient { BaseAddress = echo.Address };
        return (await http.GetFromJsonAsync<Stats>("/stats", JsonSerializerOptions.Web).InTime())!;
    }

    private static async Task UntilAsync(SampleProcess echo, Func<Stats, bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition(await StatsAsync(echo)))
            await Task.Delay(50, limit.Token);
    }

    private sealed record Stats(int Connections, long Published, long Received, long Gaps, long OutboxDrops, string EngineState);
}
