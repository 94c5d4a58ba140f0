namespace WsPumps;

/// <summary>What came of a drain.</summary>
public readonly record struct DrainResult
{
    /// <summary>How many clients were asked to leave.</summary>
    public int Clients { get; init; }

    /// <summary>How many of them left in time.</summary>
    public int Left { get; init; }

    /// <summary>How many were aborted at the deadline, with those that had come meanwhile.</summary>
    public int Aborted { get; init; }

    /// <summary>How long the drain took.</summary>
    public TimeSpan Duration { get; init; }
}
