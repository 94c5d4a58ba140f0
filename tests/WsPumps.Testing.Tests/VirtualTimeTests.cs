namespace WsPumps.Testing.Tests;

public sealed class VirtualTimeTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public async Task AdvanceAsync_TimersOfOneMoment_FireInOrder()
    {
        var fired = new List<string>();
        foreach (var (name, due) in new[] { ("second", 2), ("first", 1), ("with the second", 2), ("too late", 4) })
            _time.CreateTimer(_ => fired.Add($"{name} at {_time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(due), Timeout.InfiniteTimeSpan);

        await _time.AdvanceAsync(TimeSpan.FromSeconds(3)).InTime();

        fired.Should().Equal("first at 1", "second at 2", "with the second at 2");
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(3));
        _time.ActiveTimers.Should().Be(1);
    }

    [Fact]
    public async Task AdvanceAsync_PeriodicTimer_FiresAtEachPeriod()
    {
        var fired = new List<double>();
        using var timer = _time.CreateTimer(_ => fired.Add(_time.Elapsed.TotalSeconds), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        await _time.AdvanceAsync(TimeSpan.FromSeconds(6)).InTime();

        fired.Should().Equal(1, 3, 5);
    }

    [Fact]
    public async Task AdvanceAsync_DelayBehindADelay_SeesItsOwnMoment()
    {
        var end = TimeSpan.Zero;
        var waiting = _time.RunAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time);
            await Task.Yield();
            await Task.Delay(TimeSpan.FromSeconds(2), _time);
            end = _time.Elapsed;
        });

        await _time.AdvanceAsync(TimeSpan.FromMinutes(1)).InTime();

        await waiting.InTime();
        end.Should().Be(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task AdvanceAsync_TrackedTask_IsWaitedForAtItsMoment()
    {
        var (begun, release) = (NewSignal(), NewSignal());
        var seen = TimeSpan.Zero;
        using var timer = _time.CreateTimer(_ => _time.Track(WorkAsync()), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var later = _time.CreateTimer(_ => seen += TimeSpan.FromHours(1), null, TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);

        var advancing = _time.AdvanceAsync(TimeSpan.FromSeconds(5));
        await begun.Task.InTime();
        advancing.IsCompleted.Should().BeFalse();
        _time.Elapsed.Should().Be(TimeSpan.FromSeconds(1));
        release.SetResult();
        await advancing.InTime();

        seen.Should().Be(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));

        async Task WorkAsync()
        {
            begun.SetResult();
            await release.Task;
            seen = _time.Elapsed;
        }
    }

    [Fact]
    public async Task AdvanceAsync_TaskThatNeverRests_FailsAndNamesIt()
    {
        var time = new VirtualTime { RealTimeLimit = TimeSpan.FromMilliseconds(200) };
        var stuckQuery = new TaskCompletionSource();
        _ = time.Track(stuckQuery.Task);

        var advance = () => time.AdvanceAsync(TimeSpan.FromSeconds(1)).InTime();

        (await advance.Should().ThrowAsync<PumpsTestException>()).WithMessage("No rest within 00:00:00.2*the task 'stuckQuery.Task'*");
        stuckQuery.SetResult();
    }

    [Fact]
    public async Task AdvanceAsync_TimerThatIsSetAnewWithNoTime_FailsAndNamesIt()
    {
        ITimer? timer = null;
        timer = _time.CreateTimer(RearmForEver, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        var advance = () => _time.AdvanceAsync(TimeSpan.FromSeconds(2)).InTime();

        (await advance.Should().ThrowAsync<PumpsTestException>()).WithMessage($"One timer, set again with no time, has fired *00:00:01*time goes no further*{nameof(RearmForEver)}*");
        _time.ActiveTimers.Should().Be(1);
        await advance.Should().ThrowAsync<PumpsTestException>("it is still set");

        void RearmForEver(object? state) => timer!.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    [Fact]
    public async Task AdvanceAsync_TimerWhoseCallbackBlocks_FailsAndNamesIt()
    {
        var time = new VirtualTime { RealTimeLimit = TimeSpan.FromMilliseconds(200) };
        using var released = new ManualResetEventSlim();
        using var timer = time.CreateTimer(BlockTheThread, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        var advance = () => time.AdvanceAsync(TimeSpan.FromSeconds(2)).InTime();

        (await advance.Should().ThrowAsync<PumpsTestException>()).WithMessage($"No rest*{nameof(BlockTheThread)}*");
        released.Set();

        void BlockTheThread(object? state) => released.Wait();
    }

    [Fact]
    public async Task AdvanceAsync_WhileItIsBeingMoved_Throws()
    {
        var release = NewSignal();
        _ = _time.Track(release.Task);
        var first = _time.AdvanceAsync(TimeSpan.FromSeconds(1));

        var second = () => _time.AdvanceAsync(TimeSpan.FromSeconds(1)).InTime();

        (await second.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*being moved already*");
        release.SetResult();
        await first.InTime();
    }

    [Fact]
    public async Task AdvanceAsync_TimerThatThrows_ThrowsToo()
    {
        using var timer = _time.CreateTimer(static _ => throw new InvalidTimeZoneException("from the timer"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        var advance = () => _time.AdvanceAsync(TimeSpan.FromSeconds(2)).InTime();

        (await advance.Should().ThrowAsync<InvalidTimeZoneException>()).WithMessage("from the timer");
        await _time.AdvanceAsync(TimeSpan.FromSeconds(1)).InTime();
    }

    [Fact]
    public async Task AdvanceUntilAsync_TaskOfAMoment_StopsThere()
    {
        using var ticks = _time.CreateTimer(static _ => { }, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        (await _time.AdvanceUntilAsync(Task.Delay(TimeSpan.FromSeconds(7), _time), TimeSpan.FromHours(1)).InTime()).Should().Be(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task AdvanceUntilAsync_TaskThatDoesNotComplete_Fails()
    {
        var time = new VirtualTime { RealTimeLimit = TimeSpan.FromSeconds(1) };

        var advance = () => time.AdvanceUntilAsync(new TaskCompletionSource().Task, TimeSpan.FromMinutes(1)).InTime();

        (await advance.Should().ThrowAsync<PumpsTestException>()).WithMessage("'new TaskCompletionSource().Task' has not happened in 00:01:00 of virtual time, and no timer is set.");
    }

    [Fact]
    public async Task AdvanceAsync_WhatDidNotRestHasComeToRest_Passes()
    {
        var time = new VirtualTime { RealTimeLimit = TimeSpan.FromMilliseconds(200) };
        var query = NewSignal();
        _ = time.Track(query.Task);
        await FluentActions.Awaiting(() => time.AdvanceAsync(TimeSpan.FromSeconds(1)).InTime()).Should().ThrowAsync<PumpsTestException>();

        query.SetResult();

        (await time.RestsWithinAsync(Limit.Time).InTime()).Should().BeTrue();
        await time.AdvanceAsync(TimeSpan.FromSeconds(1)).InTime();
        time.Elapsed.Should().Be(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task AdvanceAsync_BackInTime_Throws() =>
        await FluentActions.Awaiting(() => _time.AdvanceAsync(TimeSpan.FromSeconds(-1))).Should().ThrowAsync<ArgumentOutOfRangeException>();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
