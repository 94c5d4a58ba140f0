using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace WsPumps.Redis.Tests;

/// <summary>One server of a cluster over a real Redis, with one client that counts what reaches it.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    /// <summary>How far a writer may be ahead of what another server has of it while both are connected.</summary>
    private const int Window = 200;

    private readonly ConcurrentDictionary<string, long> _missing = new();
    private readonly ConcurrentQueue<string> _vanished = new();
    private int _written;

    private RedisNode(string name, string address, Action<RedisBackplaneOptions>? redis, Action<ClusterOptions>? cluster)
    {
        Name = name;
        var redisOptions = new RedisBackplaneOptions { Configuration = address };
        redis?.Invoke(redisOptions);
        var options = new ClusterOptions { NodeName = name };
        cluster?.Invoke(options);
        Engine = new RedisBackplane(redisOptions, NullLogger<RedisBackplane>.Instance);
        Cluster = new Cluster(new SignallingBackplane(Engine, Changed),
            new ClusterSettings { Options = options, History = new RedisHistoryStore(() => Engine.Database, options.ChannelPrefix) });
        Broadcaster = Cluster.CreateBroadcaster(new Manager());
        Broadcaster.Manager.Register(Client);
        Cluster.Gap += gap =>
        {
            _missing.AddOrUpdate(gap.NodeId, gap.Missing, (_, before) => before + gap.Missing);
            Changed.Set();
        };
        Cluster.NodeJoined += _ => Changed.Set();
        Cluster.NodeLeft += left =>
        {
            if (left.Vanished)
                _vanished.Enqueue(left.Node.Name);
            Changed.Set();
        };
    }

    public string Name { get; }

    public RedisBackplane Engine { get; }

    public Cluster Cluster { get; }

    public Broadcaster Broadcaster { get; }

    public NumberedClient Client { get; } = new();

    /// <summary>Set when a message, a gap, a state of the engine or another server has come.</summary>
    public Signal Changed { get; } = new();

    /// <summary>The names of the servers that have vanished.</summary>
    public IReadOnlyCollection<string> Vanished => _vanished;

    public int Written => Volatile.Read(ref _written);

    public bool IsConnected => Cluster.Status.State is BackplaneState.Connected;

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
            await node.Until(() => node.Cluster.Nodes.Count == nodes.Length);
        foreach (var node in nodes)
        {
            node.Write();
            foreach (var other in nodes.Where(other => other != node))
                await other.Until(() => other.ReceivedFrom(node) == 1);
        }
    }

    public Task Until(Func<bool> condition) => Changed.Until(condition, () =>
        $"{Name} is {Cluster.Status.State}, knows {string.Join(", ", Cluster.Nodes.Select(node => node.Name))}, {Cluster.Statistics}");

    /// <summary>Until so many more have come of each of the others than now.</summary>
    public async Task UntilHears(int more, params RedisNode[] others)
    {
        var targets = others.Where(other => other != this).Select(other => (other, Target: ReceivedFrom(other) + more)).ToList();
        foreach (var (other, target) in targets)
            await Until(() => ReceivedFrom(other) >= target);
    }

    /// <summary>Until so many were written.</summary>
    public Task UntilWritten(int count) => Until(() => Written >= count);

    /// <summary>Writes one message, numbered, to everybody.</summary>
    public void Write() => Broadcaster.All.Write(Next());

    /// <summary>Writes one message, numbered, to everybody, as soon as the outbox has room.</summary>
    public ValueTask<BroadcastResult> WriteAsync() => Broadcaster.All.WriteAsync(Next());

    /// <summary>
    /// Writes on and on: while the engine is there, as fast as another server follows; while it is away, as fast as the outbox drops.
    /// </summary>
    public async Task WriteOnAsync(RedisNode follower, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            await WriteAsync().InTime();
            Changed.Set();
            if (IsBehind())
                await follower.Until(() => !IsBehind());
        }

        bool IsBehind() => IsConnected && follower.IsConnected && !ended.IsCancellationRequested
            && follower.ReceivedFrom(this) + follower.MissingFrom(this) < Written - Window;
    }

    public int ReceivedFrom(RedisNode other) => Client.Of(other.Name).Count;

    public long MissingFrom(RedisNode other) => MissingFrom(other.Cluster.NodeId);

    public long MissingFrom(string nodeId) => _missing.GetValueOrDefault(nodeId);

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
                await node.Changed.Until(() => node.ReceivedFrom(other) + node.MissingFrom(other) >= other.Written,
                    () => $"{node.Name} has {node.ReceivedFrom(other)} and misses {node.MissingFrom(other)} of {other.Written} of {other.Name}");
            }
        }

        foreach (var node in nodes)
        {
            node.ReceivedFrom(node).Should().Be(node.Written, $"{node.Name} serves its own");
            node.Client.Disorder.Should().BeEmpty();
            foreach (var other in nodes.Where(other => other != node))
                (node.ReceivedFrom(other) + node.MissingFrom(other)).Should().Be(other.Written, $"{node.Name} has {node.ReceivedFrom(other)} of {other.Name}");
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private string Next() => string.Create(CultureInfo.InvariantCulture, $"{Name}:{Interlocked.Increment(ref _written)}");
}
