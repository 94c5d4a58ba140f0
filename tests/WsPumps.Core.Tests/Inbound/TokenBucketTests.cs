using WsPumps.Inbound;

namespace WsPumps.Core.Tests.Inbound;

public class TokenBucketTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Take_Burst_ThenOnePerInterval()
    {
        var bucket = new TokenBucket(10, TimeSpan.FromSeconds(2), _clock);
        for (var i = 0; i < 20; i++)
            bucket.Take(1).Should().Be(TimeSpan.Zero);

        var wait = bucket.Take(1);
        wait.Should().BeCloseTo(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(2));

        _clock.Advance(wait);
        bucket.Take(1).Should().Be(TimeSpan.Zero);
        bucket.Take(1).Should().BePositive();
    }

    [Fact]
    public void Take_QuietForLong_NoMoreThanTheBurst()
    {
        var bucket = new TokenBucket(1, TimeSpan.FromSeconds(3), _clock);
        _clock.Advance(TimeSpan.FromDays(1));

        Enumerable.Range(0, 10).Count(_ => bucket.Take(1) == TimeSpan.Zero).Should().Be(3);
    }

    [Fact]
    public void Take_MoreThanThereIs_IsADebtThatTimePays()
    {
        var bucket = new TokenBucket(100, TimeSpan.FromSeconds(1), _clock);

        bucket.Take(1000).Should().Be(TimeSpan.Zero);
        bucket.Take(1).Should().BeCloseTo(TimeSpan.FromSeconds(9), TimeSpan.FromMilliseconds(20));

        _clock.Advance(TimeSpan.FromSeconds(9.1));
        bucket.Take(1).Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Take_Nothing_IsFreeUnlessThereIsADebt()
    {
        var bucket = new TokenBucket(1, TimeSpan.FromSeconds(1), _clock);
        bucket.Take(1).Should().Be(TimeSpan.Zero);
        bucket.Take(0).Should().Be(TimeSpan.Zero);
        _clock.Advance(TimeSpan.FromSeconds(1));
        bucket.Take(2).Should().Be(TimeSpan.Zero);

        bucket.Take(0).Should().BePositive();
    }
}
