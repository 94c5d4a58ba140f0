namespace WsPumps;

/// <summary>A message that was dropped while its client was connected; see <see cref="ClientEvents.MessageDropped"/>.</summary>
public readonly record struct MessageDroppedEvent
{
    /// <summary>The message. It may be kept.</summary>
    public required PreparedMessage Message { get; init; }

    /// <summary>Why it was dropped.</summary>
    public DropReason Reason { get; init; }
}
