using WsPumps.Clustering;

namespace WsPumps.Core.Tests.Clustering;

public sealed class DeliveriesUnderWayTests
{
    private readonly DeliveriesUnderWay _deliveries = new();

    [Fact]
    public async Task WhenEarlierEnded_NothingIsUnderWay_CompletesAtOnce() => await _deliveries.WhenEarlierEndedAsync().InTime();

    [Fact]
    public async Task WhenEarlierEnded_WaitsForThoseBeforeAndNotForThoseAfter()
    {
        var (one, two) = (_deliveries.Begin(), _deliveries.Begin());
        var waiting = _deliveries.WhenEarlierEndedAsync();
        var later = _deliveries.Begin();

        one.End();
        waiting.IsCompleted.Should().BeFalse();
        two.End();

        await waiting.InTime();
        later.End();
    }

    [Fact]
    public async Task WhenEarlierEnded_SeveralWait_EachForAllBeforeIt()
    {
        var one = _deliveries.Begin();
        var first = _deliveries.WhenEarlierEndedAsync();
        var two = _deliveries.Begin();
        var second = _deliveries.WhenEarlierEndedAsync();

        two.End();
        second.IsCompleted.Should().BeFalse("the first delivery was before it as well");
        first.IsCompleted.Should().BeFalse();
        one.End();

        await Task.WhenAll(first, second).InTime();
    }

    [Fact]
    public async Task WhenEarlierEnded_ManyThreads_NeverMissesOne()
    {
        var (running, stop) = (new int[2], false);
        var writers = Enumerable.Range(0, 2).Select(i => Task.Run(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                var delivery = _deliveries.Begin();
                Interlocked.Increment(ref running[i]);
                delivery.End();
            }
        })).ToList();
        for (var i = 0; i < 1000; i++)
            await _deliveries.WhenEarlierEndedAsync().InTime();
        Volatile.Write(ref stop, true);
        await Task.WhenAll(writers).InTime();

        running.Sum().Should().BePositive();
    }
}
