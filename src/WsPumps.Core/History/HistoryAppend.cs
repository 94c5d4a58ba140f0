namespace WsPumps.History;

/// <summary>What came of a message that was to be kept.</summary>
/// <param name="Entry">Its place; null where it could not be kept.</param>
/// <param name="Missed">What other servers have written before it, and this one has not heard of.</param>
internal readonly record struct HistoryAppend(HistoryEntry? Entry, IReadOnlyList<HistoryEntry> Missed);
