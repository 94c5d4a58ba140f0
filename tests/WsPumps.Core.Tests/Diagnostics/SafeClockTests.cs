using WsPumps.Diagnostics;

namespace WsPumps.Core.Tests.Diagnostics;

public sealed class SafeClockTests
{
    [Fact]
    public void Of_ClockThatThrows_ItsLatestAnswerStands()
    {
        var clock = new BrokenClock();
        var time = SafeClock.Of(clock);
        var (timestamp, now) = (time.GetTimestamp(), time.GetUtcNow());

        clock.IsBroken = true;

        time.GetTimestamp().Should().Be(timestamp);
        time.GetUtcNow().Should().Be(now);
    }

    [Fact]
    public async Task CreateTimer_ClockThatThrows_TheSystemsIsUsed()
    {
        var fired = new TaskCompletionSource();
        var time = SafeClock.Of(new BrokenClock { IsBroken = true });

        await using var timer = time.CreateTimer(_ => fired.SetResult(), null, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);

        await fired.Task.InTime();
    }

    [Fact]
    public void Of_OneClock_IsOneClock()
    {
        var clock = new BrokenClock();

        SafeClock.Of(clock).Should().BeSameAs(SafeClock.Of(clock)).And.BeSameAs(SafeClock.Of(SafeClock.Of(clock)));
        SafeClock.Of(null).Should().BeSameAs(TimeProvider.System);
    }

    private sealed class BrokenClock : TimeProvider
    {
        public bool IsBroken { get; set; }

        public override long GetTimestamp() => IsBroken ? throw new InvalidOperationException() : base.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => IsBroken ? throw new InvalidOperationException() : base.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            IsBroken ? throw new InvalidOperationException() : base.CreateTimer(callback, state, dueTime, period);
    }
}
