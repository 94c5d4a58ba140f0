namespace WsPumps.Core.Tests;

public class QueueTests
{
    [Fact]
    public async Task TimeToLive_WaitedLonger_IsDroppedWhenItsTurnComes()
    {
        var clock = new ManualTimeProvider();
        using var queue = new QueueOnly(time: clock);
        var fresh = new MessageOptions { TimeToLive = TimeSpan.FromSeconds(10) };
        var stale = new MessageOptions { TimeToLive = TimeSpan.FromSeconds(5) };
        queue.Client.Write(PreparedMessage.Text("stale").With(stale));
        queue.Client.Write(PreparedMessage.Text("fresh").With(fresh));
        queue.Client.Write("for ever");

        clock.Advance(TimeSpan.FromSeconds(5));

        (await queue.DrainAsync()).Should().Equal("fresh", "for ever");
        queue.Dropped.Should().Equal(("stale", DropReason.Expired));
    }

    [Fact]
    public void TimeToLive_OutOfRange_Throws()
    {
        FluentActions.Invoking(() => new MessageOptions { TimeToLive = TimeSpan.Zero }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new MessageOptions { TimeToLive = TimeSpan.MaxValue }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Watermark_ValuesReplacedByLargerOnes_IsRaisedToo()
    {
        using var queue = new QueueOnly(options =>
        {
            options.SlowClientPolicy = SlowClientPolicy.Conflate;
            options.MaxMessageSize = 10;
            options.MaxQueuedBytes = 10;
        });
        var high = 0;
        queue.Client.Events.HighWatermarkReached += _ => high++;
        var key = new MessageOptions { ConflationKey = "k" };

        queue.Client.Write(PreparedMessage.Text("1").With(key));
        queue.Client.Write(PreparedMessage.Text("12345678").With(key));

        high.Should().Be(1);
    }

    [Fact]
    public async Task Watermarks_QueueFillsAndDrains_AreRaisedOnceEach()
    {
        using var queue = new QueueOnly(options => options.MaxQueuedMessages = 8);
        int high = 0, low = 0;
        queue.Client.Events.HighWatermarkReached += _ => high++;
        queue.Client.Events.LowWatermarkReached += _ => low++;

        for (var i = 0; i < 5; i++)
            queue.Client.Write("x");
        high.Should().Be(0);
        for (var i = 0; i < 3; i++)
            queue.Client.Write("x");
        (high, low).Should().Be((1, 0));

        await queue.DrainAsync();
        (high, low).Should().Be((1, 1));
    }

    [Fact]
    public void Watermark_SubscriberThrows_WriterDoesNotNotice()
    {
        using var queue = new QueueOnly(options => options.MaxQueuedMessages = 1);
        queue.Client.Events.HighWatermarkReached += _ => throw new InvalidOperationException("subscriber");

        queue.Client.Write("x").Should().Be(WriteResult.Queued);
    }

    [Fact]
    public async Task WaitForDrainAsync_NothingQueued_IsTrueAtOnce()
    {
        using var queue = new QueueOnly();
        queue.Client.Write("x");
        await queue.DrainAsync();

        (await queue.Client.WaitForDrainAsync().InTime()).Should().BeTrue();
    }

    [Fact]
    public async Task WaitForDrainAsync_ConnectionEnds_IsFalse()
    {
        using var queue = new QueueOnly();
        queue.Client.Write("x");
        var waiting = queue.Client.WaitForDrainAsync();

        queue.Client.Abort();

        (await waiting.InTime()).Should().BeFalse();
        (await queue.Client.WaitForDrainAsync().InTime()).Should().BeFalse();
    }

    [Fact]
    public async Task WaitForDrainAsync_TokenFires_OnlyTheWaitingEnds()
    {
        using var queue = new QueueOnly();
        queue.Client.Write("x");
        using var cancelled = new CancellationTokenSource();
        var waiting = queue.Client.WaitForDrainAsync(cancelled.Token);

        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => waiting.InTime()).Should().ThrowAsync<OperationCanceledException>();
        (await queue.DrainAsync()).Should().Equal("x");
    }

    [Fact]
    public async Task Record_AfterDropsAndAnAbort_CountsEachMessageOnce()
    {
        using var queue = new QueueOnly(options =>
        {
            options.MaxQueuedMessages = 3;
            options.SlowClientPolicy = SlowClientPolicy.DropOldest;
        });
        for (var i = 0; i < 5; i++)
            queue.Client.Write("12345");

        queue.Client.Abort();
        queue.Start();

        var record = await queue.Client.Completion.InTime();
        record.Reason.Should().Be(DisconnectReason.Aborted);
        (record.MessagesDropped, record.MessagesUnsent, record.BytesUnsent, record.MessagesSent).Should().Be((2, 3, 15, 0));
    }

    [Fact]
    public async Task Budget_Passed_TheLargestQueueGivesWay()
    {
        var budget = new QueueBudget(100);
        using var small = new QueueOnly(options => options.SlowClientPolicy = SlowClientPolicy.DropOldest, budget: budget);
        using var large = new QueueOnly(options => options.SlowClientPolicy = SlowClientPolicy.DropOldest, budget: budget);
        await Task.WhenAll(small.StallAsync(), large.StallAsync());

        for (var i = 0; i < 8; i++)
            large.Client.Write("1234567890");
        small.Client.Write("1234567890");
        small.Client.Write("1234567890");
        budget.QueuedBytes.Should().Be(100);
        small.Client.Write("1");

        small.Client.Statistics.QueuedMessages.Should().Be(3);
        large.Client.Statistics.QueuedMessages.Should().Be(6);
        large.Dropped.Should().AllSatisfy(drop => drop.Reason.Should().Be(DropReason.OverBudget)).And.HaveCount(2);
        budget.QueuedBytes.Should().Be(81);
    }

    [Fact]
    public async Task Budget_Passed_ClientThatMayLoseNothingIsDisconnected()
    {
        var budget = new QueueBudget(100);
        using var small = new QueueOnly(budget: budget);
        using var large = new QueueOnly(budget: budget);
        await Task.WhenAll(small.StallAsync(), large.StallAsync());

        for (var i = 0; i < 9; i++)
            large.Client.Write("1234567890");
        small.Client.Write("1234567890");
        small.Client.Write("1");

        large.Client.Write("x").Should().Be(WriteResult.Closed);
        small.Client.Statistics.QueuedMessages.Should().Be(2);
        budget.QueuedBytes.Should().Be(11);
        small.Client.Abort();
        budget.QueuedBytes.Should().Be(0);
    }

    [Fact]
    public void Budget_NotPositive_Throws()
    {
        FluentActions.Invoking(() => new QueueBudget(0)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
