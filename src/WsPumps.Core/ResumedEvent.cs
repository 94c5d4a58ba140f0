namespace WsPumps;

/// <summary>A session that was away has a connection again; see <see cref="ClientEvents.Resumed"/>.</summary>
public readonly record struct ResumedEvent
{
    /// <summary>How many messages were sent again, because the peer had not received them.</summary>
    public int MessagesSentAgain { get; init; }
}
