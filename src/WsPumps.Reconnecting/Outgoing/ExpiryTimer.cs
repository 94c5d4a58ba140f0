namespace WsPumps.Outgoing;

/// <summary>Fires once for the earliest time that it was told of, and then begins anew.</summary>
internal sealed class ExpiryTimer : IDisposable
{
    private const long Never = long.MaxValue;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _due = Never;

    public ExpiryTimer(TimeProvider time, Action fired)
    {
        _time = time;
        _timer = time.CreateTimer(_ =>
        {
            Volatile.Write(ref _due, Never);
            fired();
        }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="due">The timestamp at which it fires, unless it does so earlier.</param>
    public void NotAfter(long due)
    {
        for (var known = Volatile.Read(ref _due); due < known; known = Volatile.Read(ref _due))
        {
            if (Interlocked.CompareExchange(ref _due, due, known) == known)
                Set(due);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Set(long due)
    {
        // Another thread may have an earlier time meanwhile, and this call may come after its own.
        for (var set = Never; set != due; due = Volatile.Read(ref _due))
        {
            var wait = due is Never ? TimeSpan.Zero : _time.GetElapsedTime(_time.GetTimestamp(), due);
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            set = due;
        }
    }
}
