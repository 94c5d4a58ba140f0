namespace WsPumps;

/// <summary>A queue has reached one of its watermarks; see <see cref="ClientEvents.HighWatermarkReached"/>.</summary>
public readonly record struct WatermarkEvent
{
    /// <summary>Messages that waited when the event was raised.</summary>
    public int QueuedMessages { get; init; }

    /// <summary>Payload bytes that waited when the event was raised.</summary>
    public long QueuedBytes { get; init; }
}
