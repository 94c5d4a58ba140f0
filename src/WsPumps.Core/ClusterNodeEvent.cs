namespace WsPumps;

/// <summary>A server has come to the cluster, or has left it.</summary>
public readonly record struct ClusterNodeEvent
{
    /// <summary>The server.</summary>
    public required ClusterNode Node { get; init; }

    /// <summary>
    /// Of a server that has left: false when it said goodbye, true when nothing was heard of it for
    /// <see cref="ClusterOptions.NodeTimeout"/>.
    /// </summary>
    public bool Vanished { get; init; }
}
