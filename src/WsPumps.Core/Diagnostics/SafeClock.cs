using System.Runtime.CompilerServices;

namespace WsPumps.Diagnostics;

/// <summary>
/// A clock that never throws: when the one given does, its latest answer stands, and the system's makes the timer instead.
/// </summary>
internal sealed class SafeClock : TimeProvider
{
    private static readonly ConditionalWeakTable<TimeProvider, SafeClock> PerClock = [];

    private readonly TimeProvider _inner;
    private long _timestamp;
    private long _utcTicks;

    private SafeClock(TimeProvider inner)
    {
        _inner = inner;
        TimestampFrequency = inner.TimestampFrequency;
    }

    public override long TimestampFrequency { get; }

    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    /// <returns>One and the same for each clock, because a heartbeat belongs to a clock; the system's and the test kit's need no
    /// other.</returns>
    public static TimeProvider Of(TimeProvider? time) => time is null or SafeClock or IWorkCounter || time == System
        ? time ?? System
        : PerClock.GetValue(time, static time => new SafeClock(time));

    public override long GetTimestamp()
    {
        try
        {
            var timestamp = _inner.GetTimestamp();
            Volatile.Write(ref _timestamp, timestamp);
            return timestamp;
        }
        catch (Exception)
        {
            return Volatile.Read(ref _timestamp);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        try
        {
            var now = _inner.GetUtcNow();
            Volatile.Write(ref _utcTicks, now.UtcTicks);
            return now;
        }
        catch (Exception)
        {
            return new DateTimeOffset(Volatile.Read(ref _utcTicks), TimeSpan.Zero);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        try
        {
            return _inner.CreateTimer(callback, state, dueTime, period);
        }
        catch (Exception)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }
    }
}
