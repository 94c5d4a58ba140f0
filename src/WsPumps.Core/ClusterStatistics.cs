namespace WsPumps;

/// <summary>What this server has published and received over the backplane since it was started.</summary>
public readonly record struct ClusterStatistics
{
    /// <summary>Messages, closes and aborts for other servers, those that were dropped from the outbox later included.</summary>
    public long Published { get; init; }

    /// <summary>Messages, closes and aborts of other servers that have arrived, on the channels this server listens to.</summary>
    public long Received { get; init; }

    /// <summary>Of <see cref="Published"/>, those that the engine did not take in time.</summary>
    public long OutboxDropped { get; init; }

    /// <summary>Of other servers, those that should have arrived and did not: the sum of all <see cref="Cluster.Gap"/> events.</summary>
    public long Missing { get; init; }

    /// <summary>Those that came a second time, or after a later one, and were ignored.</summary>
    public long Repeated { get; init; }

    /// <summary>What came on the channels and is none of ours: garbage, another version, another application.</summary>
    public long Ignored { get; init; }

    /// <summary>What waits for the engine now.</summary>
    public int OutboxMessages { get; init; }

    /// <summary>What waits for the engine now, in bytes.</summary>
    public long OutboxBytes { get; init; }
}
