namespace WsPumps.Lifetime;

/// <summary>
/// When this process did not run, or found no thread: it was stopped, its machine slept, or handlers block the thread pool. Peers may have
/// sent meanwhile what is not read yet, so they are not charged for that time, nor judged at once after it. The heartbeat's own: no other
/// thread.
/// </summary>
internal sealed class Pauses(TimeProvider time)
{
    /// <summary>How late the heartbeat has to come. What is shorter is within the precision of all deadlines.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);

    /// <summary>The time that the reading of what has arrived gets.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Older ones are forgotten: a pause that so many followed hardly matters.</summary>
    private const int Kept = 64;

    private readonly Queue<(long From, long To)> _pauses = new();
    private long _latestEnd;

    /// <summary>The heartbeat was to come at one time and came at another.</summary>
    /// <returns>How late that was.</returns>
    public TimeSpan Note(long expected, long actual)
    {
        if (actual <= expected)
            return TimeSpan.Zero;

        var late = time.GetElapsedTime(expected, actual);
        if (late < Shortest)
            return late;

        if (_pauses.Count == Kept)
            _pauses.Dequeue();
        _pauses.Enqueue((expected, actual));
        _latestEnd = actual;
        return late;
    }

    /// <summary>Whether this process has run for a limit since a moment. Just after a pause, for twice as long.</summary>
    public bool HasRunFor(TimeSpan limit, long since, long now)
    {
        var running = time.GetElapsedTime(since, now);
        if (running < limit || _latestEnd <= since)
            return running >= limit;

        foreach (var (from, to) in _pauses)
        {
            if (to > since)
                running -= time.GetElapsedTime(Math.Max(from, since), Math.Min(to, now));
        }

        return running >= (time.GetElapsedTime(_latestEnd, now) < Settling ? limit * 2 : limit);
    }
}
