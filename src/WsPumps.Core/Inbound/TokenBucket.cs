namespace WsPumps.Inbound;

/// <summary>
/// An allowance that fills with time, up to a bound. Whoever finds something in it may take more than there is; the next one waits until
/// the debt is paid. On the clock of the connection and without a timer of its own. For one caller at a time.
/// </summary>
internal sealed class TokenBucket(double perSecond, TimeSpan burst, TimeProvider time)
{
    private readonly double _capacity = perSecond * burst.TotalSeconds;
    private double _tokens = perSecond * burst.TotalSeconds;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Takes what is asked for, or nothing.</summary>
    /// <returns>Zero when it was taken; else the time after which it can be.</returns>
    public TimeSpan Take(long tokens)
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(_capacity, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
        _filledAt = now;

        var missing = Math.Min(tokens, 1) - _tokens;
        if (missing > 0)
            return TimeSpan.FromSeconds(missing / perSecond) + TimeSpan.FromMilliseconds(1);

        _tokens -= tokens;
        return TimeSpan.Zero;
    }
}
