namespace WsPumps;

/// <summary>What a client got of the history of a group it has joined.</summary>
public enum HistoryStatus
{
    /// <summary>Nothing known.</summary>
    Unknown = 0,

    /// <summary>All that came after its position, each once, and then what comes.</summary>
    Complete,

    /// <summary>The history does not reach back to its position, or was started again since. The client gets new messages only.</summary>
    Gap,

    /// <summary>Its connection has ended meanwhile, or it could not take what came as fast as it came. It did not join.</summary>
    NotJoined,
}
