namespace WsPumps;

/// <summary>What was read of the history of a group.</summary>
public sealed class HistoryRead
{
    /// <summary>The history of now.</summary>
    public required string Epoch { get; init; }

    /// <summary>The place of the last message that was written to it, also where that is kept no more.</summary>
    public required HistoryOffset Last { get; init; }

    /// <summary>What is kept after the place that was asked for, in order.</summary>
    public required IReadOnlyList<HistoryEntry> Entries { get; init; }
}
