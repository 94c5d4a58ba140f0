namespace WsPumps.Tests.Shared;

/// <summary>A clock that moves only when a test says so. Timers fire inside <see cref="Advance"/>, in the order of their due times.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly DateTimeOffset _start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far the clock was moved.</summary>
    public TimeSpan Elapsed => GetUtcNow() - _start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>How many timers are running: what code under test has left behind.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count(timer => timer.Due is not null);
        }
    }

    /// <summary>Completes when no more than so many timers are left: the runtime disposes of that of a wait after what awaited it has gone on.</summary>
    public Task UntilTimersAsync(int count) =>
        Waiting.Until(() => ActiveTimers == count, () => $"{ActiveTimers} timers are running, and not {count}");

    /// <summary>Whether a timer is running that fires when the clock has moved so far.</summary>
    public bool IsDueIn(TimeSpan time)
    {
        lock (_lock)
            return _timers.Any(timer => timer.Due == _now + time);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        lock (_lock)
            _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (TakeDue(end) is { } timer)
            timer.Fire();

        lock (_lock)
            _now = end;
    }

    /// <summary>Moves the clock at once, as for a process that did not run meanwhile: a timer fires once, however often it was due.</summary>
    public void Jump(TimeSpan by)
    {
        List<ManualTimer> late;
        lock (_lock)
        {
            _now += by;
            late = [.. _timers.Where(timer => timer.Due <= _now).OrderBy(timer => timer.Due)];
            foreach (var timer in late)
                timer.Due = timer.Period > TimeSpan.Zero ? _now + timer.Period : null;
        }

        foreach (var timer in late)
            timer.Fire();
    }

    /// <summary>Moves the clock step by step, giving other tasks their turn in between, until the task has completed.</summary>
    public async Task AdvanceUntil(Task task, TimeSpan step)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            Advance(step);
            // Long enough for others to act on it: a clock that only runs would be past their next deadlines before they have begun.
            await Task.Delay(1);
        }

        await task;
    }

    private ManualTimer? TakeDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var timer = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (timer is null)
                return null;

            _now = timer.Due > _now ? timer.Due.Value : _now;
            timer.Due = timer.Period > TimeSpan.Zero ? _now + timer.Period : null;
            return timer;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
            }

            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
