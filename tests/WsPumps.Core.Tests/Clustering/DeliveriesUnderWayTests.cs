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
        var (version, stop, seen) = (1, false, new int[2]);
        var writers = Enumerable.Range(0, 2).Select(i => Task.Run(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                var delivery = _deliveries.Begin();
                Volatile.Write(ref seen[i], Volatile.Read(ref version));
                Thread.SpinWait(20);
                Volatile.Write(ref seen[i], 0);
                delivery.End();
                // Else the one that looks gets a core a few times in a second only.
                Thread.Yield();
            }
        })).ToList();

        for (var i = 0; i < 1000; i++)
        {
            var now = Interlocked.Increment(ref version);
            await _deliveries.WhenEarlierEndedAsync().InTime();

            seen.Should().OnlyContain(it => it == 0 || it == now, "what is under way now has begun after the look");
        }

        Volatile.Write(ref stop, true);
        await Task.WhenAll(writers).InTime();
    }
}
