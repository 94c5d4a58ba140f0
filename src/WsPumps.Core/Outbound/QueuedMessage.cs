namespace WsPumps.Outbound;

/// <summary>A message in a queue.</summary>
/// <param name="Message">The message.</param>
/// <param name="ExpiresAt">The timestamp after which it is stale; 0 for never.</param>
internal readonly record struct QueuedMessage(PreparedMessage Message, long ExpiresAt)
{
    /// <summary>Reads the clock where the message needs it.</summary>
    public static QueuedMessage Of(PreparedMessage message, TimeProvider time) =>
        new(message, message.Options?.TimeToLive is { } timeToLive
            ? time.GetTimestamp() + (long)(timeToLive.TotalSeconds * time.TimestampFrequency) : 0);
}
