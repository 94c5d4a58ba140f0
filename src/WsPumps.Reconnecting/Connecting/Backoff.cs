namespace WsPumps.Connecting;

/// <summary>
/// Waits drawn at random between zero and a bound that doubles with each failure: whoever lost a server together does not come back
/// together.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan max, Func<double> random)
{
    /// <summary>How many failures there were in a row.</summary>
    public int Failures { get; private set; }

    public TimeSpan Next()
    {
        // From here on the bound is the largest in any case; the shift must not overflow.
        var bound = Math.Min(max.Ticks, first.Ticks * Math.Pow(2, Math.Min(Failures, 64)));
        Failures++;
        return TimeSpan.FromTicks((long)(random() * bound));
    }

    public void Reset() => Failures = 0;
}
