namespace WsPumps;

/// <summary>How a client joined a group with a history.</summary>
public readonly record struct HistoryResult
{
    /// <summary>What it got.</summary>
    public HistoryStatus Status { get; init; }

    /// <summary>How many earlier messages it got.</summary>
    public int Replayed { get; init; }

    /// <summary>The position of the last message before the new ones; null when there was none or it is not known.</summary>
    public string? Position { get; init; }
}
