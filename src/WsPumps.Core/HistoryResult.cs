namespace WsPumps;

/// <summary>How a client has joined a group with a history.</summary>
public readonly record struct HistoryResult
{
    /// <summary>What it got.</summary>
    public HistoryStatus Status { get; init; }

    /// <summary>How many messages of before it got.</summary>
    public int Replayed { get; init; }

    /// <summary>The position of the last message before those that come now; null where there was none, or it cannot be told.</summary>
    public string? Position { get; init; }
}
