using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>
/// What a message of 128 bytes to a group costs the server that publishes it, Redis, and a server that has a member of it, by number of groups
/// and of servers. Without clients: what a delivery to one costs is another measurement. What the three need when idle is told, and left out.
/// </summary>
internal static class Capacity
{
    private const int Messages = 20_000;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    public static async Task RunAsync()
    {
        Console.WriteLine("servers | groups | member of | a second | CPU µs for a message: publisher | Redis | a receiver | idle, % of a core: publisher, Redis, receiver");
        foreach (var (servers, groups, joined, perSecond) in new[]
        {
            (2, 1, 1, 5000), (2, 100, 100, 5000), (2, 10_000, 10_000, 5000), (2, 10_000, 10_000, 1000), (2, 10_000, 10_000, 20_000),
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
        // Until the code is compiled as it stays.
        await publisher.PostAsync($"/groups/publish?count={3 * Messages}&perSecond=20000&groups={groups}");
        await Task.Delay(Idle);

        var start = await CpuAsync();
        await Task.Delay(Idle);
        var idle = (await CpuAsync()).Zip(start, (now, before) => (now - before) / Idle.TotalMilliseconds).ToList();
        start = await CpuAsync();
        var (received, startedAt) = (await ReceivedAsync(), TimeProvider.System.GetTimestamp());
        await publisher.PostAsync($"/groups/publish?count={Messages}&perSecond={perSecond}&groups={groups}");
        await Task.Delay(500);
        var milliseconds = TimeProvider.System.GetElapsedTime(startedAt).TotalMilliseconds;
        var perMessage = (await CpuAsync()).Zip(start, (now, before) => now - before).Zip(idle, (used, part) => (used - (part * milliseconds)) / Messages * 1000).ToList();
        var arrived = await ReceivedAsync() - received;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{servers,7} | {groups,6} | {joined,9} | {perSecond,8} | {perMessage[0],34:0.0} | {perMessage[1],5:0.0} | {perMessage[2],10:0.0} | " +
            $"{idle[0] * 100:0.0}, {idle[1] * 100:0.0}, {idle[2] * 100:0.0} ({arrived} received)"));
        foreach (var receiver in receivers)
            await receiver.DisposeAsync();

        async Task<double[]> CpuAsync() => [await publisher.CpuMillisecondsAsync(), redis.CpuMilliseconds, await receivers[0].CpuMillisecondsAsync()];

        async Task<long> ReceivedAsync() => long.Parse(await receivers[0].GetAsync("/received"), CultureInfo.InvariantCulture);
    }
}
