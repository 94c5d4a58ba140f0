namespace WsPumps.Lifetime;

/// <summary>One tick of the heartbeat, the same for all connections.</summary>
/// <param name="Number">Counts the ticks of this heartbeat.</param>
/// <param name="Now">The timestamp of the tick.</param>
/// <param name="UtcNow">The time of day of the tick.</param>
/// <param name="Lag">How much later it came than it was to come.</param>
/// <param name="Pauses">When the process did not run.</param>
internal readonly record struct HeartbeatTick(ulong Number, long Now, DateTimeOffset UtcNow, TimeSpan Lag, Pauses Pauses)
{
    /// <summary>Whether a limit has passed in which the other side could have done something and we would have seen it.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="since">Since when it runs; 0 while it does not.</param>
    public bool HasPassed(TimeSpan limit, long since) => since != 0 && Pauses.HasRunFor(limit, since, Now);
}
