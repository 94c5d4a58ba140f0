namespace WsPumps;

/// <summary>Where the session of a client was before, and what has moved with it: see <see cref="RegisterContext.MovedFrom"/>.</summary>
public sealed class MovedSession
{
    /// <summary>The server that it was on, as in <see cref="ClusterNode.Id"/>.</summary>
    public required string NodeId { get; init; }

    /// <summary>What <see cref="ResumeOptions.MovingState"/> returned there; empty for nothing.</summary>
    public ReadOnlyMemory<byte> State { get; init; }

    /// <summary>The groups that the client was in there. It is already in them here.</summary>
    public IReadOnlyCollection<string> Groups { get; init; } = [];
}
