using System.Collections.Concurrent;
using System.Security.Claims;

namespace WsPumps.Core.Tests.Clustering;

/// <summary>One server of a cluster in memory, with clients that are not real.</summary>
internal sealed class Server : IAsyncDisposable
{
    public Server(TestBackplane engine, string name, Action<ClusterOptions>? configure = null, IHistoryStore? history = null, TimeProvider? time = null,
        Func<IBroadcastRoute, IBroadcastRoute>? route = null)
    {
        var options = new ClusterOptions { NodeName = name, GroupChannels = 8, UserChannels = 8 };
        configure?.Invoke(options);
        Engine = engine;
        Cluster = new Cluster(engine, new ClusterSettings { Options = options, History = history, TimeProvider = time, Logger = Logger });
        Broadcaster = Cluster.CreateBroadcaster(new Manager(new ManagerSettings { TimeProvider = time }), route: route);
        Cluster.NodeLeft += left => Left.Enqueue(left);
    }

    public TestBackplane Engine { get; }

    public Cluster Cluster { get; }

    public Broadcaster Broadcaster { get; }

    public LogRecorder Logger { get; } = new();

    public ConcurrentQueue<ClusterNodeEvent> Left { get; } = new();

    public RecordingClient Add(string id, string? user = null, string? group = null, DateTimeOffset? connectedAt = null)
    {
        var client = new RecordingClient
        {
            EndsWhenClosed = false,
            Id = id,
            User = user is null ? null : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user)], "test")),
            // A kick spares who has come since, and the clocks of two servers are compared only roughly.
            Statistics = new ClientStatistics { ConnectedAt = connectedAt ?? TimeProvider.System.GetUtcNow().AddMinutes(-1) },
        };
        Broadcaster.Manager.Register(client);
        if (group is not null)
            Broadcaster.Join(client, group);
        return client;
    }

    /// <summary>Until this server hears what others publish for these.</summary>
    public Task UntilHears(params string[] groups) => Waiting.Until(() => groups.All(group => Engine.Interests.Contains($"wspumps:g8:{new WsPumps.Clustering.ChannelMap(new ClusterOptions { GroupChannels = 8, UserChannels = 8 }, 0).OfGroup(group) - 3}")));

    public async Task UntilSees(params Server[] others)
    {
        foreach (var other in others)
            await Waiting.Until(() => Cluster.Nodes.Any(node => node.Id == other.Cluster.NodeId));
    }

    public static Task UntilGot(RecordingClient client, params string[] texts) => Waiting.Until(() => client.WrittenTexts.SequenceEqual(texts));

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
