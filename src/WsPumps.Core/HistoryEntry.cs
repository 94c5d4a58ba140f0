namespace WsPumps;

/// <summary>A message in the history of a group.</summary>
public sealed class HistoryEntry
{
    /// <summary>
    /// Names the history it belongs to: a history that was started again has another one. 1 to 16 digits and small letters.
    /// </summary>
    public required string Epoch { get; init; }

    /// <summary>Its place.</summary>
    public required HistoryOffset Offset { get; init; }

    /// <summary>The place of the one before it, also where that is kept no more; the default for the first of all.</summary>
    public required HistoryOffset Previous { get; init; }

    /// <summary>The message as it was written. Its options are not kept.</summary>
    public required PreparedMessage Message { get; init; }

    /// <summary>What is sent for it, once it was asked for.</summary>
    internal PreparedMessage? Stamped { get; set; }
}
