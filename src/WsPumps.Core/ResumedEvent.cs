namespace WsPumps;

/// <summary>A connection has come to a session that was away.</summary>
public readonly record struct ResumedEvent
{
    /// <summary>How many messages were sent again, because the peer had not received them.</summary>
    public int MessagesSentAgain { get; init; }
}
