namespace WsPumps;

/// <summary>What this server has published and received over the backplane since it was started.</summary>
public readonly record struct ClusterStatistics
{
    /// <summary>Messages, closes and aborts for other servers, including those that were later dropped from the outbox.</summary>
    public long Published { get; init; }

    /// <summary>Messages, closes and aborts of other servers that have arrived, on the channels this server listens to.</summary>
    public long Received { get; init; }

    /// <summary>Of <see cref="Published"/>, those that the engine did not take in time.</summary>
    public long OutboxDropped { get; init; }

    /// <summary>Messages of other servers that should have arrived and did not: the sum of all <see cref="Cluster.Gap"/> events.</summary>
    public long Missing { get; init; }

    /// <summary>Messages that came a second time, or after a later one, and were ignored.</summary>
    public long Repeated { get; init; }

    /// <summary>What came on the channels and does not belong to this cluster: garbage, another version, another application.</summary>
    public long Ignored { get; init; }

    /// <summary>Messages that wait for the engine now.</summary>
    public int OutboxMessages { get; init; }

    /// <summary>Bytes that wait for the engine now.</summary>
    public long OutboxBytes { get; init; }
}
