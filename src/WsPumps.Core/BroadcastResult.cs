namespace WsPumps;

/// <summary>What became of one message for the clients it was written to. The counts are those of this process.</summary>
public readonly record struct BroadcastResult
{
    /// <summary>Clients whose queue took it.</summary>
    public int Queued { get; init; }

    /// <summary>
    /// Clients whose queue had no room for it, or is too small for it; see <see cref="WriteResult.Dropped"/> and
    /// <see cref="WriteResult.TooLarge"/>.
    /// </summary>
    public int Dropped { get; init; }

    /// <summary>Clients whose connection was already ending.</summary>
    public int Closed { get; init; }

    /// <summary>
    /// Whether it was also published to other servers: the engine or the outbox of the cluster has taken it. What became of it after that
    /// is not known here. True while the engine is away, too; what the outbox drops later is counted in
    /// <see cref="ClusterStatistics.MessagesDropped"/>.
    /// </summary>
    public bool Published { get; init; }

    /// <summary>The result with the one of a further client added.</summary>
    internal BroadcastResult With(WriteResult result) => result switch
    {
        WriteResult.Queued => this with { Queued = Queued + 1 },
        WriteResult.Closed => this with { Closed = Closed + 1 },
        _ => this with { Dropped = Dropped + 1 },
    };
}
