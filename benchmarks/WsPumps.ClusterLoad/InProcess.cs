using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace WsPumps.ClusterLoad;

/// <summary>What one process can measure, over a Redis of its own.</summary>
internal static class InProcess
{
    /// <summary>Writes to ten local clients with the engine connected and without it, in turn: the ratio of the two rates.</summary>
    public static async Task LocalRateAsync()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Node.StartAsync("one", redis.Address);
        node.Add(10);
        for (var round = 1; round <= 5; round++)
        {
            var connected = await RateAsync(node);
            await redis.StopAsync();
            await node.UntilAsync(BackplaneState.Lost);
            var lost = await RateAsync(node);
            await redis.StartAgainAsync();
            await node.UntilAsync(BackplaneState.Connected);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{round}: {connected:0} writes/s connected, {lost:0} without the engine, ratio {lost / connected:0.00}"));
        }
    }

    /// <summary>Joins a group with a hundred messages of history in memory, one join after the other.</summary>
    public static async Task HistoryJoinAsync()
    {
        await using var redis = await RedisProcess.StartAsync();
        await using var node = await Node.StartAsync("one", redis.Address);
        node.Broadcaster.KeepHistory("room");
        for (var i = 0; i < 100; i++)
            await node.Broadcaster.Group("room").WriteAsync(new string('x', 128));
        foreach (var isMeasured in new[] { false, true })
        {
            var (cpu, times) = (Process.GetCurrentProcess().TotalProcessorTime, new List<double>());
            for (var i = 0; i < 2000; i++)
            {
                var client = node.Add(1)[0];
                var started = Stopwatch.GetTimestamp();
                await node.Broadcaster.JoinAsync(client, "room");
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                node.Broadcaster.Manager.Unregister(client);
            }

            times.Sort();
            cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
            if (isMeasured)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"join with 100 messages: {cpu.TotalMilliseconds / times.Count:0.000} ms CPU, p50 {times[times.Count / 2]:0.00} ms, p99 {times[(int)(times.Count * 0.99)]:0.00} ms"));
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
        var before = nodes.Sum(node => node.Cluster.Statistics.Published);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100_000; i++)
        {
            var (node, client) = clients[i % clients.Count];
            node.Broadcaster.Join(client, $"group-{i % 10_000}");
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"100,000 joins in {elapsed.TotalMilliseconds:0} ms, {nodes.Sum(node => node.Cluster.Statistics.Published) - before} messages published for them"));
    }

    private static async Task<double> RateAsync(Node node)
    {
        const int Messages = 50_000;
        var message = PreparedMessage.Text(string.Create(CultureInfo.InvariantCulture, $"@{Stopwatch.GetTimestamp()};").PadRight(128, '.'));
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < Messages; i++)
            node.Broadcaster.All.Write(message);
        var rate = Messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
        // What waits is not to be part of the next one.
        while (node.Cluster.Statistics.OutboxMessages > 0)
            await Task.Delay(10);
        return rate;
    }

    private sealed class Node : IAsyncDisposable
    {
        private Node(string name, string redis)
        {
            Engine = new RedisBackplane(new RedisBackplaneOptions { Configuration = redis, MaxBackoff = TimeSpan.FromSeconds(1) }, NullLogger<RedisBackplane>.Instance);
            Cluster = new Cluster(Engine, new ClusterSettings { Options = new ClusterOptions { NodeName = name } });
            Broadcaster = Cluster.CreateBroadcaster(new Manager());
        }

        public RedisBackplane Engine { get; }

        public Cluster Cluster { get; }

        public Broadcaster Broadcaster { get; }

        public static async Task<Node> StartAsync(string name, string redis)
        {
            var node = new Node(name, redis);
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

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
