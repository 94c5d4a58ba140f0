using WsPumps.Connecting;

namespace WsPumps.Reconnecting.Tests.Connecting;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(0.999)]
    public void Next_FailureAfterFailure_DrawsBelowABoundThatDoublesUpToTheLargest(double random)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), () => random);

        var waits = Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalSeconds).ToList();

        double[] bounds = [1, 2, 4, 8, 16, 30, 30, 30];
        waits.Should().Equal(bounds.Select(bound => bound * random), (wait, expected) => Math.Abs(wait - expected) < 0.000_001);
        backoff.Failures.Should().Be(8);
    }

    [Fact]
    public void Next_ThousandsOfFailures_NeverOverflows()
    {
        var backoff = new Backoff(TimeSpan.FromDays(1), TimeSpan.FromDays(1), () => 0.999);

        for (var i = 0; i < 10_000; i++)
            backoff.Next().Should().BeCloseTo(TimeSpan.FromDays(0.999), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Reset_AfterFailures_BeginsAnew()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), () => 1);
        backoff.Next();
        backoff.Next();

        backoff.Reset();

        backoff.Next().Should().Be(TimeSpan.FromSeconds(1));
    }
}
