namespace WsPumps.Lifetime;

/// <summary>One tick of the heartbeat, the same for all clients.</summary>
/// <param name="Now">The timestamp of the tick.</param>
/// <param name="UtcNow">The time of day of the tick.</param>
/// <param name="PingId">What the ping of this tick carries.</param>
/// <param name="Lag">How much later it came than a second after the one before.</param>
/// <param name="Ping">The ping frame, encoded once for all.</param>
internal readonly record struct Beat(long Now, DateTimeOffset UtcNow, ulong PingId, TimeSpan Lag, PreparedMessage Ping);
