using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Tests.Clustering;

namespace WsPumps.Redis.Tests;

/// <summary>One server of a cluster over a real Redis, with one client that counts what reaches it.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, long> _missing = new();
    private int _written;

    private RedisNode(string name, string address, Action<RedisBackplaneOptions>? redis, Action<ClusterOptions>? cluster)
    {
        Name = name;
        var redisOptions = new RedisBackplaneOptions { Configuration = address };
        redis?.Invoke(redisOptions);
        var options = new ClusterOptions { NodeName = name };
        cluster?.Invoke(options);
        Engine = new RedisBackplane(redisOptions, NullLogger<RedisBackplane>.Instance);
        Cluster = new Cluster(Engine, new ClusterSettings { Options = options, History = new RedisHistoryStore(() => Engine.Database, options.ChannelPrefix) });
        Broadcaster = Cluster.CreateBroadcaster(new Manager());
        Broadcaster.Manager.Register(Client);
        Cluster.Gap += gap => _missing.AddOrUpdate(gap.NodeId, gap.Missing, (_, before) => before + gap.Missing);
    }

    public string Name { get; }

    public RedisBackplane Engine { get; }

    public Cluster Cluster { get; }

    public Broadcaster Broadcaster { get; }

    public CountingClient Client { get; } = new();

    public int Written => Volatile.Read(ref _written);

    public static async Task<RedisNode> StartAsync(string name, string address, Action<RedisBackplaneOptions>? redis = null, Action<ClusterOptions>? cluster = null)
    {
        var node = new RedisNode(name, address, redis, cluster);
        await node.Cluster.StartAsync().InTime();
        return node;
    }

    /// <summary>Until each knows the others, and hears them.</summary>
    public static async Task UntilTogether(params RedisNode[] nodes)
    {
        foreach (var node in nodes)
            await Waiting.Until(() => node.Cluster.Nodes.Count == nodes.Length);
        foreach (var node in nodes)
        {
            node.Write();
            await Waiting.Until(() => nodes.All(other => other == node || other.ReceivedFrom(node) == 1));
        }
    }

    /// <summary>Writes one message, numbered, to everybody.</summary>
    public void Write() => Broadcaster.All.Write(string.Create(CultureInfo.InvariantCulture, $"{Name}:{Interlocked.Increment(ref _written)}"));

    public int ReceivedFrom(RedisNode other) => Client.Texts.Count(text => text.StartsWith($"{other.Name}:", StringComparison.Ordinal));

    public long MissingFrom(RedisNode other) => _missing.GetValueOrDefault(other.Cluster.NodeId);

    /// <summary>
    /// Until all that the nodes have written has reached the others or is counted as missing, and nothing more comes. The client of each node has all
    /// of its own, in order, and those of the others in order and once.
    /// </summary>
    public static async Task AssertNothingIsLostInSilence(params RedisNode[] nodes)
    {
        foreach (var node in nodes)
        {
            foreach (var other in nodes.Where(other => other != node))
            {
                await Waiting.Until(() => node.ReceivedFrom(other) + node.MissingFrom(other) >= other.Written,
                    () => $"{node.Name} has {node.ReceivedFrom(other)} and misses {node.MissingFrom(other)} of {other.Written} of {other.Name}");
            }
        }

        foreach (var node in nodes)
        {
            node.ReceivedFrom(node).Should().Be(node.Written, $"{node.Name} serves its own");
            foreach (var other in nodes)
            {
                var numbers = node.Client.Texts.Where(text => text.StartsWith($"{other.Name}:", StringComparison.Ordinal))
                    .Select(text => int.Parse(text.AsSpan(other.Name.Length + 1), CultureInfo.InvariantCulture)).ToList();
                numbers.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
                if (other != node)
                    (numbers.Count + node.MissingFrom(other)).Should().Be(other.Written, $"{node.Name} has {numbers.Count} of {other.Name}");
            }
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
