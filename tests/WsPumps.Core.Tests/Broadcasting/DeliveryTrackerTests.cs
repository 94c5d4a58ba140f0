using WsPumps.Broadcasting;

namespace WsPumps.Core.Tests.Broadcasting;

public class DeliveryTrackerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _clock = new();
    private readonly DeliveryTracker _tracker = new();

    [Fact]
    public async Task WaitAsync_AllSettled_CompletesWithEachCounted()
    {
        var waiting = _tracker.WaitAsync(new BroadcastResult { Queued = 3, Dropped = 4, Closed = 5 }, Deadline, _clock, default);
        _tracker.Settle(handedOver: true);
        _tracker.Settle(handedOver: false);
        waiting.IsCompleted.Should().BeFalse();
        _tracker.Settle(handedOver: true);

        (await waiting.InTime()).Should().Be(new DeliveryResult { Delivered = 2, Dropped = 5, Closed = 5 });
    }

    [Fact]
    public async Task WaitAsync_SettledBefore_CompletesAtOnce()
    {
        _tracker.Settle(handedOver: true);

        var result = await _tracker.WaitAsync(new BroadcastResult { Queued = 1 }, Deadline, _clock, default).InTime();

        result.Should().Be(new DeliveryResult { Delivered = 1 });
        _clock.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task WaitAsync_NothingQueued_CompletesAtOnce()
    {
        var result = await _tracker.WaitAsync(new BroadcastResult { Queued = 0, Dropped = 1, Closed = 2 }, Deadline, _clock, default).InTime();

        result.Should().Be(new DeliveryResult { Delivered = 0, Dropped = 1, Closed = 2 });
    }

    [Fact]
    public async Task WaitAsync_Deadline_CompletesWithTheRestPending()
    {
        var waiting = _tracker.WaitAsync(new BroadcastResult { Queued = 3 }, Deadline, _clock, default);
        _tracker.Settle(handedOver: true);

        _clock.Advance(Deadline - TimeSpan.FromTicks(1));
        waiting.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromTicks(1));

        (await waiting.InTime()).Should().Be(new DeliveryResult { Delivered = 1, Pending = 2 });
        _tracker.Invoking(tracker => tracker.Settle(handedOver: true)).Should().NotThrow();
        _clock.ActiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task WaitAsync_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = _tracker.WaitAsync(new BroadcastResult { Queued = 1 }, Timeout.InfiniteTimeSpan, _clock, cancel.Token);

        await cancel.CancelAsync();

        await waiting.Invoking(task => task.InTime()).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Settle_FromManyThreads_CountsEach()
    {
        const int copies = 100_000;
        var waiting = _tracker.WaitAsync(new BroadcastResult { Queued = copies }, Timeout.InfiniteTimeSpan, _clock, default);

        Parallel.For(0, copies, i => _tracker.Settle(handedOver: i % 4 != 0));

        (await waiting.InTime()).Should().Be(new DeliveryResult { Delivered = copies / 4 * 3, Dropped = copies / 4 });
    }
}
