namespace WsPumps.Lifetime;

internal static class Timestamps
{
    /// <summary>The timestamp so much later; the last one there is where that is further than it can tell.</summary>
    public static long After(this TimeProvider time, long timestamp, TimeSpan span)
    {
        var ticks = span.TotalSeconds * time.TimestampFrequency;
        return ticks < long.MaxValue - timestamp ? timestamp + (long)ticks : long.MaxValue;
    }
}
