namespace WsPumps;

/// <summary>How many connections there are in the cluster, as far as this server knows.</summary>
public readonly record struct ClusterCount
{
    /// <summary>The connections, those of this server exactly, those of others as they told last.</summary>
    public int Count { get; init; }

    /// <summary>When the others told, the oldest of it; now where there are no others.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>
    /// Whether every other server has told all it has. False also where one has more names than
    /// <see cref="ClusterOptions.MaxPresenceNames"/>.
    /// </summary>
    public bool IsComplete { get; init; }
}
