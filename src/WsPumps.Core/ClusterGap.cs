namespace WsPumps;

/// <summary>
/// Messages of another server that did not arrive: the engine lost them, or the other server could not hand them over in time.
/// </summary>
public readonly record struct ClusterGap
{
    /// <summary>The other server's <see cref="ClusterNode.Id"/>.</summary>
    public required string NodeId { get; init; }

    /// <summary>How many messages are missing.</summary>
    public required long Missing { get; init; }

    /// <summary>
    /// The channel on which they were published. Channels carry what is for all clients, for some of the groups, or for some of the users.
    /// </summary>
    public required string Channel { get; init; }
}
