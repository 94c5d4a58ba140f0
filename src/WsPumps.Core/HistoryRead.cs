namespace WsPumps;

/// <summary>What was read from the history of a group.</summary>
public sealed class HistoryRead
{
    /// <summary>Identifies the current history.</summary>
    public required string Epoch { get; init; }

    /// <summary>The place of the last message that was written to it, even if that one is no longer kept.</summary>
    public required HistoryOffset Last { get; init; }

    /// <summary>What is kept after the place that was asked for, in order.</summary>
    public required IReadOnlyList<HistoryEntry> Entries { get; init; }
}
