namespace WsPumps;

/// <summary>What the servers of a cluster have answered together.</summary>
/// <remarks>A server that does not answer in time fails nothing: it is named.</remarks>
public sealed record ClusterResult<T>
{
    /// <summary>What those that have answered say, this server included.</summary>
    public required T Value { get; init; }

    /// <summary>The ids of the servers that have answered, this one first.</summary>
    public required IReadOnlyList<string> Answered { get; init; }

    /// <summary>The ids of the servers that have not: what they would say is not in <see cref="Value"/>.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Whether every server that is known has answered.</summary>
    public bool IsComplete => Missing.Count == 0;
}
