using WsPumps.Lifetime;

namespace WsPumps.Core.Tests.Lifetime;

public sealed class PausesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Pauses _pauses = new(new ManualTimeProvider());

    [Fact]
    public void HasRunFor_NoPause_IsTheTimeThatPassed()
    {
        _pauses.HasRunFor(Limit, since: Seconds(5), now: Seconds(14)).Should().BeFalse();
        _pauses.HasRunFor(Limit, since: Seconds(5), now: Seconds(15)).Should().BeTrue();
    }

    [Fact]
    public void HasRunFor_PauseMeanwhile_DoesNotCountIt()
    {
        _pauses.Note(Seconds(10), Seconds(30));

        _pauses.HasRunFor(Limit, since: Seconds(5), now: Seconds(34)).Should().BeFalse();
        _pauses.HasRunFor(Limit, since: Seconds(5), now: Seconds(35)).Should().BeTrue();
        _pauses.HasRunFor(Limit, since: Seconds(20), now: Seconds(39)).Should().BeFalse("half of the pause lies behind that moment");
        _pauses.HasRunFor(Limit, since: Seconds(20), now: Seconds(40)).Should().BeTrue();
    }

    [Fact]
    public void HasRunFor_PauseBefore_IsOfNoConcern()
    {
        _pauses.Note(Seconds(10), Seconds(30));

        _pauses.HasRunFor(Limit, since: Seconds(30), now: Seconds(40)).Should().BeTrue();
    }

    [Fact]
    public void HasRunFor_JustAfterAPause_WhatHasArrivedIsReadFirst()
    {
        _pauses.Note(Seconds(15), Seconds(30));

        _pauses.HasRunFor(Limit, since: Seconds(5), now: Seconds(31)).Should().BeFalse();
        _pauses.HasRunFor(Limit, since: Seconds(5), now: Seconds(32)).Should().BeTrue();
    }

    [Fact]
    public void HasRunFor_OnePauseAfterTheOther_EndsAllTheSame()
    {
        var now = 0;
        while (!_pauses.HasRunFor(Limit, since: Seconds(1), now: Seconds(now)) && now < 100)
        {
            _pauses.Note(Seconds(now + 1), Seconds(now + 3));
            now += 3;
        }

        now.Should().BeInRange(60, 66, "a third of the time it ran, and twice the limit is asked for");
    }

    [Fact]
    public void Note_LittleLate_IsNoPause()
    {
        var late = _pauses.Note(Seconds(10), Seconds(10) + TimeSpan.FromMilliseconds(400).Ticks);

        late.Should().Be(TimeSpan.FromMilliseconds(400));
        _pauses.HasRunFor(Limit, since: Seconds(1), now: Seconds(11)).Should().BeTrue();
    }

    private static long Seconds(int seconds) => TimeSpan.FromSeconds(seconds).Ticks;
}
