namespace WsPumps;

/// <summary>A server has joined the cluster or left it.</summary>
public readonly record struct ClusterNodeEvent
{
    /// <summary>The server.</summary>
    public required ClusterNode Node { get; init; }

    /// <summary>
    /// For a server that has left: false when it announced that it leaves, true when nothing was heard from it for
    /// <see cref="ClusterOptions.NodeTimeout"/>.
    /// </summary>
    public bool Vanished { get; init; }
}
