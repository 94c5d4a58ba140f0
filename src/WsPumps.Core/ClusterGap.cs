namespace WsPumps;

/// <summary>
/// Messages of another server that did not arrive: the engine lost them, or the other server could not give them to it in time.
/// </summary>
public readonly record struct ClusterGap
{
    /// <summary>The other server's <see cref="ClusterNode.Id"/>.</summary>
    public required string NodeId { get; init; }

    /// <summary>How many messages are missing.</summary>
    public required long Missing { get; init; }

    /// <summary>The channel on which they were published: a number for those of all, of a few groups, or of a few users.</summary>
    public required string Channel { get; init; }
}
