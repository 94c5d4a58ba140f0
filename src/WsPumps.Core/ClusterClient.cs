namespace WsPumps;

/// <summary>One connection somewhere in the cluster, at one moment.</summary>
public sealed record ClusterClient
{
    /// <summary>The id of the server that serves it.</summary>
    public required string NodeId { get; init; }

    /// <summary>The connection.</summary>
    public required ClientSnapshot Client { get; init; }
}
