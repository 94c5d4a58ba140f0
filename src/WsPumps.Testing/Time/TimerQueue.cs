namespace WsPumps.Testing.Time;

/// <summary>
/// The time of a clock and its timers, in the order in which they are due; those of one moment in the order in which they were set.
/// </summary>
internal sealed class TimerQueue(DateTimeOffset start)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<VirtualTimer> _timers =
        new(Comparer<VirtualTimer>.Create(static (a, b) => (a.Due, a.Order).CompareTo((b.Due, b.Order))));
    private long _now = start.UtcTicks;
    private long _order;

    /// <summary>In UTC.</summary>
    public DateTimeOffset Now => new(Volatile.Read(ref _now), TimeSpan.Zero);

    public int Count
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    /// <summary>When the next timer is due; null for none.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_lock)
                return _timers.Min?.Due;
        }
    }

    /// <param name="timer">The timer.</param>
    /// <param name="dueTime">When it fires first; infinite for never.</param>
    /// <param name="period">From then on; zero or infinite for once.</param>
    public bool Set(VirtualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            if (timer.IsDisposed)
                return false;

            _timers.Remove(timer);
            timer.Period = period > TimeSpan.Zero ? period : null;
            if (dueTime >= TimeSpan.Zero)
                Add(timer, Now + dueTime);
            return true;
        }
    }

    public void Remove(VirtualTimer timer)
    {
        lock (_lock)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    /// <summary>Moves the time to the next timer that is due by <paramref name="end"/>; without one, not at all.</summary>
    public VirtualTimer? TakeDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var timer = _timers.Min;
            if (timer is null || timer.Due > end)
                return null;

            _timers.Remove(timer);
            Volatile.Write(ref _now, Math.Max(_now, timer.Due.UtcTicks));
            if (timer.Period is { } period)
                Add(timer, Now + period);
            return timer;
        }
    }

    /// <summary>Sets a timer again that was taken, and not fired.</summary>
    public void PutBack(VirtualTimer timer)
    {
        lock (_lock)
        {
            if (timer.IsDisposed)
                return;

            _timers.Remove(timer);
            Add(timer, Now);
        }
    }

    public void MoveTo(DateTimeOffset end)
    {
        lock (_lock)
            Volatile.Write(ref _now, Math.Max(_now, end.UtcTicks));
    }

    private void Add(VirtualTimer timer, DateTimeOffset due)
    {
        (timer.Due, timer.Order) = (due, _order++);
        _timers.Add(timer);
    }
}
