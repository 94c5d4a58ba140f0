using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>
/// What a message of 128 bytes to a group costs the server that publishes it, Redis, and a server that has a member of it, by number of groups
/// and of servers. Without clients: what a delivery to one costs is another measurement.
/// </summary>
internal static class Capacity
{
    private const int Messages = 20_000;

    public static async Task RunAsync()
    {
        Console.WriteLine("servers | groups | member of | a second | CPU µs for a message: publisher | Redis | a receiver");
        foreach (var (servers, groups, joined, perSecond) in new[]
        {
            (2, 1, 1, 5000), (2, 100, 100, 5000), (2, 10_000, 10_000, 5000), (2, 10_000, 100, 5000),
            (2, 10_000, 10_000, 1000), (2, 10_000, 10_000, 20_000),
            (3, 10_000, 10_000, 5000), (5, 10_000, 10_000, 5000), (5, 10_000, 0, 5000),
        })
        {
            await MeasureAsync(servers, groups, joined, perSecond);
        }
    }

    private static async Task MeasureAsync(int servers, int groups, int joined, int perSecond)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var publisher = await ServerProcess.StartAsync(Server.WsPumps, redis.Address);
        var receivers = await Task.WhenAll(Enumerable.Range(1, servers - 1).Select(_ => ServerProcess.StartAsync(Server.WsPumps, redis.Address)));
        foreach (var receiver in receivers)
            await receiver.PostAsync($"/groups/join?groups={joined}");
        await Task.Delay(2000);
        await publisher.PostAsync($"/groups/publish?count={Messages / 2}&perSecond={perSecond}&groups={groups}");
        await Task.Delay(1000);

        var before = (Publisher: await publisher.CpuMillisecondsAsync(), Redis: redis.CpuMilliseconds, Receiver: await receivers[0].CpuMillisecondsAsync());
        var received = await receivers[0].GetAsync("/received");
        await publisher.PostAsync($"/groups/publish?count={Messages}&perSecond={perSecond}&groups={groups}");
        await Task.Delay(500);
        var after = (Publisher: await publisher.CpuMillisecondsAsync(), Redis: redis.CpuMilliseconds, Receiver: await receivers[0].CpuMillisecondsAsync());
        var arrived = Number(await receivers[0].GetAsync("/received")) - Number(received);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{servers,7} | {groups,6} | {joined,9} | {perSecond,8} | {PerMessage(after.Publisher - before.Publisher),34:0.0} | " +
            $"{PerMessage(after.Redis - before.Redis),5:0.0} | {PerMessage(after.Receiver - before.Receiver):0.0} ({arrived} received)"));
        foreach (var receiver in receivers)
            await receiver.DisposeAsync();
    }

    private static double PerMessage(double milliseconds) => milliseconds / Messages * 1000;

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
