namespace WsPumps;

/// <summary>The combined answer of the servers of a cluster.</summary>
/// <remarks>A server that does not answer in time causes no exception: it is listed in <see cref="Missing"/>.</remarks>
public sealed record ClusterResult<T>
{
    /// <summary>The combined answer of those that have answered, this server included.</summary>
    public required T Value { get; init; }

    /// <summary>The ids of the servers that have answered, this one first.</summary>
    public required IReadOnlyList<string> Answered { get; init; }

    /// <summary>The ids of the servers that have not answered: their part is missing from <see cref="Value"/>.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Whether every server that is known has answered.</summary>
    public bool IsComplete => Missing.Count == 0;
}
