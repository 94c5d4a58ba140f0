using System.Diagnostics;
using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>Two servers that both publish at a rate, or as fast as goes, with clients of both: what of it has arrived, and where the rest was counted.</summary>
internal static class Rate
{
    private const int Clients = 5;

    public static async Task RunAsync(int perSecond, int count, int rounds)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var one = await ServerProcess.StartAsync(Server.WsPumps, redis.Address);
        await using var two = await ServerProcess.StartAsync(Server.WsPumps, redis.Address);
        var listeners = await Task.WhenAll(Enumerable.Range(0, 2 * Clients)
            .Select(i => Listener.StartAsync(Server.WsPumps, i % 2 == 0 ? one.Address : two.Address)));
        await Task.Delay(2000);
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var listener in listeners)
                listener.Reset();
            var cpu = await one.CpuMillisecondsAsync() + await two.CpuMillisecondsAsync();
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(one.PublishAsync(count, perSecond), two.PublishAsync(count, perSecond));
            var published = Stopwatch.GetElapsedTime(started);
            var last = Stopwatch.GetTimestamp();
            for (var (seen, now) = (-1L, 0L); now < 2L * count * listeners.Length && Stopwatch.GetElapsedTime(last) < TimeSpan.FromSeconds(5);)
            {
                now = listeners.Sum(listener => (long)listener.Count);
                if (now != seen)
                    (seen, last) = (now, Stopwatch.GetTimestamp());
                await Task.Delay(1);
            }

            cpu = await one.CpuMillisecondsAsync() + await two.CpuMillisecondsAsync() - cpu;
            var ages = listeners.SelectMany(listener => listener.Ages).Order().ToList();
            var counts = listeners.Select(listener => listener.Count).ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{round}: {count / published.TotalSeconds:0} broadcasts/s and node published, all there after {Stopwatch.GetElapsedTime(started, last).TotalSeconds:0.00} s, " +
                $"p50 {ages[ages.Count / 2]:0.00} ms, p99 {ages[(int)(ages.Count * 0.99)]:0.00} ms, {cpu / (2.0 * count * Clients * 2) * 1000:0.00} µs CPU a delivery, " +
                $"clients miss {string.Join(' ', counts.Select(got => (2 * count) - got))}"));
            if (counts.Any(got => got != 2 * count))
                Console.WriteLine($"   one: {await one.GetAsync("/stats")}\n   two: {await two.GetAsync("/stats")}");
        }
    }
}
