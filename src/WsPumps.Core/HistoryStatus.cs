namespace WsPumps;

/// <summary>What a client got from the history of a group it joined.</summary>
public enum HistoryStatus
{
    /// <summary>Nothing is known: the value of a variable that was never set.</summary>
    Unknown = 0,

    /// <summary>All messages after its position, each once, and then the new ones.</summary>
    Complete,

    /// <summary>
    /// The history does not reach back to its position, or has been started again since. The client gets new messages only.
    /// </summary>
    Gap,

    /// <summary>It did not join: its connection ended in the meantime, or it could not take the messages as fast as they came.</summary>
    NotJoined,
}
