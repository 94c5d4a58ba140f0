namespace WsPumps.History;

/// <summary>What a client that joins has missed.</summary>
/// <param name="Entries">What it gets.</param>
/// <param name="Epoch">The history it was read from; null where it could not be reached.</param>
/// <param name="Last">The last place it knows of then.</param>
/// <param name="IsComplete">Whether that is all of it.</param>
internal readonly record struct HistoryLogRead(IReadOnlyList<HistoryEntry> Entries, string? Epoch, HistoryOffset Last, bool IsComplete)
{
    /// <summary>The last place, as it is told.</summary>
    public string? Position => Epoch is null ? null : new HistoryPosition(Epoch, Last).ToString();
}
