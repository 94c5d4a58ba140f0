using System.Diagnostics;
using System.Globalization;

namespace WsPumps.ClusterLoad;

/// <summary>
/// Two servers and Redis between them. One publishes messages of 128 bytes, clients of the other receive them: at a rate, for the latency, and as
/// many as go. The contenders take turns.
/// </summary>
internal static class Comparison
{
    private const int Clients = 20;

    public static async Task RunAsync(int rounds)
    {
        await using var redis = await RedisProcess.StartAsync();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var contender in new[] { Server.WsPumps, Server.Bridge, Server.SignalR })
                await MeasureAsync(contender, redis.Address, round);
        }
    }

    private static async Task MeasureAsync(string contender, string redis, int round)
    {
        await using var publisher = await ServerProcess.StartAsync(contender, redis);
        await using var server = await ServerProcess.StartAsync(contender, redis);
        var listeners = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Listener.StartAsync(contender, server.Address)));
        await Task.Delay(2000);
        await RunAsync(publisher, server, listeners, 2000, 1000);
        await server.GetAsync("/arrivals");

        var (_, paced) = await RunAsync(publisher, server, listeners, 5000, 1000);
        var ages = listeners.SelectMany(listener => listener.Ages).Order().ToList();
        var arrivals = await server.GetAsync("/arrivals");
        var (elapsed, flooded) = await RunAsync(publisher, server, listeners, 20_000, 0);
        var received = listeners.Min(listener => listener.Count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{round} {contender,-8} 1,000/s: p50 {At(ages, 0.5):0.00} ms, p99 {At(ages, 0.99):0.00} ms, {paced / (5000.0 * Clients) * 1000:0.0} µs CPU a delivery;  " +
            $"20,000 at once: {received / elapsed.TotalSeconds:0} broadcasts/s, {flooded / (20_000.0 * Clients) * 1000:0.00} µs CPU a delivery, {20_000 - received} missing"));
        if (contender is not Server.SignalR)
            Console.WriteLine($"           at the second server, before its clients' queues: {arrivals}");
        if (contender is Server.WsPumps)
        {
            Console.WriteLine($"           publisher: {await publisher.GetAsync("/stats")}");
            Console.WriteLine($"           receiver:  {await server.GetAsync("/stats")}");
        }

        foreach (var listener in listeners)
            listener.Dispose();
    }

    /// <returns>How long it took until all had all, or nothing more came; and the CPU of both servers in milliseconds.</returns>
    private static async Task<(TimeSpan Elapsed, double Cpu)> RunAsync(ServerProcess publisher, ServerProcess server, Listener[] listeners, int count, int perSecond)
    {
        foreach (var listener in listeners)
            listener.Reset();
        var cpu = await publisher.CpuMillisecondsAsync() + await server.CpuMillisecondsAsync();
        var started = Stopwatch.GetTimestamp();
        await publisher.PublishAsync(count, perSecond);
        var (last, lastAt) = (0, Stopwatch.GetTimestamp());
        while (listeners.Any(listener => listener.Count < count) && Stopwatch.GetElapsedTime(lastAt) < TimeSpan.FromSeconds(3))
        {
            var now = listeners.Sum(listener => listener.Count);
            if (now != last)
                (last, lastAt) = (now, Stopwatch.GetTimestamp());
            await Task.Delay(1);
        }

        var elapsed = Stopwatch.GetElapsedTime(started, lastAt);
        return (elapsed, await publisher.CpuMillisecondsAsync() + await server.CpuMillisecondsAsync() - cpu);
    }

    private static double At(List<double> sorted, double part) => sorted[(int)(sorted.Count * part)];
}
