using WsPumps.Registry;

namespace WsPumps.Core.Tests.Registry;

public sealed class DrainPaceTests
{
    [Theory]
    [InlineData(0, 0, 10_000)]
    [InlineData(1, 0, 10_000)]
    [InlineData(110_000, 0, 10_000)]
    [InlineData(110_001, 0, 10_001)]
    [InlineData(1_100_000, 0, 100_000)]
    [InlineData(50_000, 19, 50_000)]
    [InlineData(50_000, 24, 50_000)]
    public void BatchSize_Defaults_LargerWhereTheTimeIsShort(int clients, int delaySeconds, int expected)
    {
        var pace = new DrainPace(new DrainOptions { Delay = TimeSpan.FromSeconds(delaySeconds) }, clients);

        pace.BatchSize.Should().Be(expected);
    }

    [Fact]
    public void NextPause_ManyTimes_IsUpToAQuarterShorter()
    {
        var pace = new DrainPace(new DrainOptions(), 1);

        var pauses = Enumerable.Range(0, 1000).Select(_ => pace.NextPause()).ToList();

        pauses.Should().OnlyContain(pause => pause >= TimeSpan.FromSeconds(1.5) && pause <= TimeSpan.FromSeconds(2));
        pauses.Distinct().Should().HaveCountGreaterThan(100);
    }
}
