using System.Net.Http.Json;
using System.Text.Json;

namespace WsPumps.Samples.Tests;

public sealed class EchoClusterTests
{
    [RedisFact]
    public async Task Broadcast_WithRedis_ReachesTheOtherServerAndIsCounted()
    {
        var port = ServerProcess.FreePort();
        await using var redis = await ServerProcess.StartAsync("redis-server", port, "--port", $"{port}", "--bind", "127.0.0.1", "--save", "");
        await using var one = await SampleProcess.StartAsync("Echo", arguments: $"--Redis=127.0.0.1:{port}");
        await using var two = await SampleProcess.StartAsync("Echo", arguments: $"--Redis=127.0.0.1:{port}");
        using var sender = await Socket.OpenAsync(one, "/broadcast");
        using var receiver = await Socket.OpenAsync(two, "/broadcast");
        await UntilAsync(one, stats => stats.GetProperty("engineState").GetString() == "Connected");
        await UntilAsync(two, stats => stats.GetProperty("engineState").GetString() == "Connected" && stats.GetProperty("connections").GetInt32() == 1);
        // The subscription of the second follows its connection.
        await sender.SendAsync("first");
        await UntilAsync(two, stats => stats.GetProperty("received").GetInt64() + stats.GetProperty("gaps").GetInt64() > 0, async () => await sender.SendAsync("again"));

        await sender.SendAsync("to the cluster");

        string text;
        do
            text = await receiver.ReceiveTextAsync();
        while (text != "to the cluster");
        (await StatsAsync(one)).GetProperty("published").GetInt64().Should().BeGreaterThanOrEqualTo(2);
        (await StatsAsync(one)).GetProperty("outboxDrops").GetInt64().Should().Be(0);
    }

    [Fact]
    public async Task Stats_WithoutRedis_TellsThatThereIsNoEngine()
    {
        await using var echo = await SampleProcess.StartAsync("Echo");

        (await StatsAsync(echo)).GetProperty("engineState").GetString().Should().Be("None");
    }

    private static async Task<JsonElement> StatsAsync(SampleProcess echo)
    {
        using var http = new HttpClient { BaseAddress = echo.Address };
        return await http.GetFromJsonAsync<JsonElement>("/stats").InTime();
    }

    private static async Task UntilAsync(SampleProcess echo, Func<JsonElement, bool> condition, Func<Task>? meanwhile = null)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!condition(await StatsAsync(echo)))
        {
            if (meanwhile is not null)
                await meanwhile();
            await Task.Delay(50, limit.Token);
        }
    }
}
