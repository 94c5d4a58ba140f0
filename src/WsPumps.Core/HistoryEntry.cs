namespace WsPumps;

/// <summary>A message in the history of a group.</summary>
public sealed class HistoryEntry
{
    /// <summary>
    /// Identifies the history it belongs to; a history that was started again has another epoch. 1 to 16 digits and lowercase letters.
    /// </summary>
    public required string Epoch { get; init; }

    /// <summary>Its place in the history.</summary>
    public required HistoryOffset Offset { get; init; }

    /// <summary>The place of the message before it, even if that one is no longer kept; the default for the first message of all.</summary>
    public required HistoryOffset Previous { get; init; }

    /// <summary>The message as it was written. Its options are not kept.</summary>
    public required PreparedMessage Message { get; init; }

    /// <summary>What is sent for it; null until it is first needed.</summary>
    internal PreparedMessage? Stamped { get; set; }
}
