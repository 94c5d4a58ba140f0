namespace WsPumps;

/// <summary>How many connections there are in the cluster, as far as this server knows.</summary>
public readonly record struct ClusterCount
{
    /// <summary>The number of connections: exact for this server, and as last reported for the others.</summary>
    public int Count { get; init; }

    /// <summary>The time of the oldest of the other servers' latest reports; now when there are no others.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>
    /// Whether every other server has reported everything. Also false when one of them has more names than
    /// <see cref="ClusterOptions.MaxPresenceNames"/>.
    /// </summary>
    public bool IsComplete { get; init; }
}
