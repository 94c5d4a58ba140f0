namespace WsPumps.History;

/// <summary>What a client that joins has missed.</summary>
/// <param name="Entries">What it gets.</param>
/// <param name="Last">The last place it knows of then.</param>
/// <param name="IsComplete">Whether that is all of it.</param>
/// <param name="Position">The last place, as it is told.</param>
internal readonly record struct HistoryLogRead(IReadOnlyList<HistoryEntry> Entries, HistoryOffset Last, bool IsComplete, string? Position);
