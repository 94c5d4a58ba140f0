namespace WsPumps;

/// <summary>The result of a drain.</summary>
public readonly record struct DrainResult
{
    /// <summary>
    /// How many clients had to leave: those that were asked, those that connected in the meantime, and those that were aborted before it
    /// was their turn. The sum of <see cref="Left"/> and <see cref="Aborted"/>.
    /// </summary>
    public int Clients { get; init; }

    /// <summary>How many of them left in time.</summary>
    public int Left { get; init; }

    /// <summary>How many of them were aborted at the deadline.</summary>
    public int Aborted { get; init; }

    /// <summary>How long the drain took.</summary>
    public TimeSpan Duration { get; init; }
}
