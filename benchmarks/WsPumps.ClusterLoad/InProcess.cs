using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting.Internal;

namespace WsPumps.ClusterLoad;

/// <summary>What one process can measure, over a Redis of its own.</summary>
internal static class InProcess
{
    /// <summary>Writes to ten local clients with the engine connected and without it, in turn: the ratio of the two.</summary>
    public static async Task LocalRateAsync(int rounds)
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Node.StartAsync("one", redis.Address);
        node.Add(10);
        var (connected, lost) = (new List<(double Rate, double Cpu)>(), new List<(double Rate, double Cpu)>());
        for (var round = 0; round <= rounds; round++)
        {
            connected.Add(await RateAsync(node));
            await redis.StopAsync();
            await node.UntilAsync(BackplaneState.Lost);
            lost.Add(await RateAsync(node));
            await redis.StartAgainAsync();
            await node.UntilAsync(BackplaneState.Connected);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{round}: {connected[^1].Rate:0} writes/s and {connected[^1].Cpu:0.00} µs CPU a write connected, " +
                $"{lost[^1].Rate:0} and {lost[^1].Cpu:0.00} without the engine{(round == 0 ? ", to warm up" : "")}"));
        }

        var (rate, cpu) = (Median(lost, one => one.Rate) / Median(connected, one => one.Rate), Median(lost, one => one.Cpu) / Median(connected, one => one.Cpu));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"medians, without the engine over connected: rate {rate:0.00}, CPU {cpu:0.00}"));

        static double Median(List<(double Rate, double Cpu)> measured, Func<(double Rate, double Cpu), double> what) =>
            measured.Skip(1).Select(what).Order().ElementAt((measured.Count - 1) / 2);
    }

    /// <summary>Joins a group with a hundred messages of history, one join after the other.</summary>
    public static async Task HistoryJoinAsync()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var memory = await Node.StartAsync("one", redis.Address);
        await JoinAsync("in memory", memory);
        await using var shared = await Node.StartAsync("two", redis.Address, sharesHistory: true);
        await JoinAsync("in Redis ", shared);
    }

    private static async Task JoinAsync(string where, Node node)
    {
        const int Joins = 2000;
        node.Broadcaster.KeepHistory("room");
        var last = new Sink();
        node.Broadcaster.Manager.Register(last);
        await node.Broadcaster.JoinAsync(last, "room");
        for (var i = 0; i < 100; i++)
            await node.Broadcaster.Group("room").WriteAsync(new string('x', 128));
        // Messages of a shared history are written one after the other.
        while (last.Count < 100)
            await Task.Delay(10);

        foreach (var isMeasured in new[] { false, true })
        {
            var (cpu, times) = (Process.GetCurrentProcess().TotalProcessorTime, new List<double>());
            for (var i = 0; i < Joins; i++)
            {
                var client = node.Add(1)[0];
                var started = Stopwatch.GetTimestamp();
                var result = await node.Broadcaster.JoinAsync(client, "room");
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                node.Broadcaster.Manager.Unregister(client);
                if (result.Replayed != 100)
                    throw new InvalidOperationException($"{result.Replayed} messages instead of 100.");
            }

            times.Sort();
            cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
            if (isMeasured)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"join with 100 messages {where}: {cpu.TotalMilliseconds / Joins:0.000} ms CPU, p50 {times[Joins / 2]:0.00} ms, p99 {times[(int)(Joins * 0.99)]:0.00} ms"));
            }
        }
    }

    /// <summary>A hundred thousand memberships in ten thousand groups over three servers: what Redis was asked for them.</summary>
    public static async Task MembershipsAsync()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var one = await Node.StartAsync("one", redis.Address);
        await using var two = await Node.StartAsync("two", redis.Address);
        await using var three = await Node.StartAsync("three", redis.Address);
        Node[] nodes = [one, two, three];
        var clients = nodes.SelectMany(node => node.Add(1000).Select(client => (node, client))).ToList();
        // The first members have each server listen to its channels.
        for (var group = 0; group < 1000; group++)
        {
            foreach (var node in nodes)
                node.Broadcaster.Join(clients.First(entry => entry.node == node).client, $"warm-{group}");
        }

        await Task.Delay(2000);
        var before = nodes.Sum(node => node.Cluster.Statistics.MessagesPublished);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100_000; i++)
        {
            // Shifted, so that none is the same as one before.
            var (node, client) = clients[(i + (i / 30_000)) % clients.Count];
            node.Broadcaster.Join(client, $"group-{i % 10_000}");
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        memory = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"100,000 joins in {elapsed.TotalMilliseconds:0} ms, {memory / 100_000.0:0} bytes each, " +
            $"{nodes.Sum(node => node.Cluster.Statistics.MessagesPublished) - before} messages published for them"));
    }

    private static async Task<(double Rate, double Cpu)> RateAsync(Node node)
    {
        const int Messages = 50_000;
        var message = PreparedMessage.Text(string.Create(CultureInfo.InvariantCulture, $"@{Stopwatch.GetTimestamp()};").PadRight(128, '.'));
        var (started, cpu) = (Stopwatch.GetTimestamp(), Process.GetCurrentProcess().TotalProcessorTime);
        for (var i = 0; i < Messages; i++)
            node.Broadcaster.All.Write(message);
        var rate = Messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        // What waits is not to be part of the next one.
        while (node.Cluster.Statistics.QueuedMessages > 0)
            await Task.Delay(10);
        return (rate, cpu.TotalMicroseconds / Messages);
    }

    private sealed class Node : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        private Node(string name, string redis, bool sharesHistory)
        {
            var services = new ServiceCollection().AddLogging();
            services.AddSingleton<IHostEnvironment>(new HostingEnvironment { ApplicationName = "load" });
            services.AddWebSocketPumps().AddRedis(
                options => (options.Configuration, options.MaxBackoff) = (redis, TimeSpan.FromSeconds(1)),
                options => options.NodeName = name);
            if (!sharesHistory)
                services.RemoveAll<IHistoryStore>();
            _services = services.BuildServiceProvider();
            (Cluster, Broadcaster) = (_services.GetRequiredService<Cluster>(), _services.GetRequiredService<Broadcaster>());
        }

        public Cluster Cluster { get; }

        public Broadcaster Broadcaster { get; }

        public static async Task<Node> StartAsync(string name, string redis, bool sharesHistory = false)
        {
            var node = new Node(name, redis, sharesHistory);
            await node.Cluster.StartAsync();
            await node.UntilAsync(BackplaneState.Connected);
            return node;
        }

        public List<Sink> Add(int count)
        {
            var clients = Enumerable.Range(0, count).Select(_ => new Sink()).ToList();
            clients.ForEach(Broadcaster.Manager.Register);
            return clients;
        }

        public async Task UntilAsync(BackplaneState state)
        {
            while (Cluster.Status.State != state)
                await Task.Delay(10);
        }

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
