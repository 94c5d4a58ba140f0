namespace WsPumps;

/// <summary>One server of the cluster, as this server knows it.</summary>
public sealed record ClusterNode
{
    /// <summary>Identifies one start of one server. Never used again.</summary>
    public required string Id { get; init; }

    /// <summary>What the server calls itself, <see cref="ClusterOptions.NodeName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is this server.</summary>
    public bool IsSelf { get; init; }

    /// <summary>When it was started, by its own clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was last heard from, by the clock of this server.</summary>
    public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>How many clients are registered with it, as of its last heartbeat.</summary>
    public int Connections { get; init; }

    /// <summary>Whether it is draining: it asks its clients to leave.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Whether it can reach the engine. Only known for this server: nothing is heard from another server that cannot.</summary>
    public BackplaneState State { get; init; }

    /// <summary>Whether it may have sessions that others can ask for.</summary>
    internal bool MovesSessions { get; init; }
}
