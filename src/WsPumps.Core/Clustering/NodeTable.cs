namespace WsPumps.Clustering;

/// <summary>The other nodes: who is there, who has gone. Safe for concurrent use.</summary>
internal sealed class NodeTable(ClusterOptions options, TimeProvider time)
{
    /// <summary>
    /// How long one that has vanished is remembered, with the numbers of what it published: when it was only cut off, what was lost
    /// meanwhile shows then.
    /// </summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly Dictionary<ulong, Node> _nodes = [];
    private readonly Lock _lock = new();

    /// <summary>The nodes that are there.</summary>
    public List<ClusterNode> Alive
    {
        get
        {
            lock (_lock)
                return [.. _nodes.Values.Where(node => node.IsAlive).Select(node => node.Public)];
        }
    }

    /// <summary>The instances of the nodes that are there, with their ids.</summary>
    public Dictionary<ulong, string> AliveInstances
    {
        get
        {
            lock (_lock)
                return _nodes.Values.Where(node => node.IsAlive).ToDictionary(node => node.Instance, node => node.Public.Id);
        }
    }

    /// <summary>The instances of the nodes that are there and may have a session that moves.</summary>
    public HashSet<ulong> SessionHolders
    {
        get
        {
            lock (_lock)
            {
                return _nodes.Values.Where(node => node is { IsAlive: true, Public.MovesSessions: true }).Select(node => node.Instance)
                    .ToHashSet();
            }
        }
    }

    /// <summary>Whether there is a node that would take a session.</summary>
    public bool HasSessionTaker
    {
        get
        {
            lock (_lock)
                return _nodes.Values.Any(node => node is { IsAlive: true, Public: { MovesSessions: true, IsDraining: false } });
        }
    }

    public bool IsAlone
    {
        get
        {
            lock (_lock)
                return !_nodes.Values.Any(node => node.IsAlive);
        }
    }

    /// <summary>What a node is called, if only by its instance.</summary>
    public string IdOf(ulong instance)
    {
        lock (_lock)
            return _nodes.TryGetValue(instance, out var node) ? node.Public.Id : NodeIdentity.IdOf("unknown", instance);
    }

    /// <summary>A moment by the clock of a node, by the clock of this server.</summary>
    public DateTimeOffset Translate(ulong instance, DateTimeOffset moment)
    {
        lock (_lock)
            return _nodes.TryGetValue(instance, out var node) ? moment + node.ClockOffset : moment;
    }

    /// <returns>Whether the node was not there before, and how it is told.</returns>
    public (bool IsNew, ClusterNode Node) Seen(ulong instance, string name, DateTimeOffset sentAt, Func<ClusterNode, ClusterNode> update)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (!_nodes.TryGetValue(instance, out var node))
                _nodes.Add(instance, node = new Node(instance, name));

            var isNew = !node.IsAlive;
            node.IsAlive = true;
            node.SeenAt = time.GetTimestamp();
            node.AddOffset(now - sentAt);
            node.Public = update(node.Public) with { LastSeenAt = now, State = BackplaneState.Connected };
            return (isNew, node.Public);
        }
    }

    /// <summary>A node has said goodbye.</summary>
    /// <returns>Null when it was not there.</returns>
    public ClusterNode? Remove(ulong instance)
    {
        lock (_lock)
            return _nodes.Remove(instance, out var node) && node.IsAlive ? node.Public : null;
    }

    /// <summary>Takes out who was silent for too long.</summary>
    /// <returns>Those that have vanished now, and the instances that are forgotten.</returns>
    public (List<ClusterNode> Vanished, List<ulong> Forgotten) Expire(long now)
    {
        var (vanished, forgotten) = (new List<ClusterNode>(), new List<ulong>());
        lock (_lock)
        {
            foreach (var node in _nodes.Values)
            {
                var silence = time.GetElapsedTime(node.SeenAt, now);
                if (node.IsAlive && silence >= options.NodeTimeout)
                {
                    node.IsAlive = false;
                    vanished.Add(node.Public);
                }
                else if (!node.IsAlive && silence >= Remembered)
                {
                    forgotten.Add(node.Instance);
                }
            }

            foreach (var instance in forgotten)
                _nodes.Remove(instance);
        }

        return (vanished, forgotten);
    }
}
