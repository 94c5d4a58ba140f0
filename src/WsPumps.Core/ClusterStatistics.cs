namespace WsPumps;

/// <summary>What this server has published and received over the backplane since it was started.</summary>
public readonly record struct ClusterStatistics
{
    /// <summary>Messages, closes and aborts for other servers, including those that were later dropped from the outbox.</summary>
    public long MessagesPublished { get; init; }

    /// <summary>Messages, closes and aborts of other servers that have arrived, on the channels this server listens to.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Of <see cref="MessagesPublished"/>, those that the engine did not take in time.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Messages of other servers that should have arrived and did not: the sum of all <see cref="Cluster.Gap"/> events.</summary>
    public long MessagesMissing { get; init; }

    /// <summary>Messages that came a second time, or after a later one, and were ignored.</summary>
    public long MessagesRepeated { get; init; }

    /// <summary>What came on the channels and does not belong to this cluster: garbage, another version, another application.</summary>
    public long MessagesIgnored { get; init; }

    /// <summary>Messages that wait for the engine now.</summary>
    public int QueuedMessages { get; init; }

    /// <summary>Bytes that wait for the engine now.</summary>
    public long QueuedBytes { get; init; }
}
