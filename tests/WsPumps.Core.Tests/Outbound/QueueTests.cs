namespace WsPumps.Core.Tests.Outbound;

public class QueueTests
{
    [Fact]
    public async Task TimeToLive_WaitedLonger_IsDroppedWhenItsTurnComes()
    {
        var clock = new ManualTimeProvider();
        using var queue = new QueueOnly(time: clock);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Client.Events.MessageDropped += _ => told.SetResult();
        var fresh = new MessageOptions { TimeToLive = TimeSpan.FromSeconds(10) };
        var stale = new MessageOptions { TimeToLive = TimeSpan.FromSeconds(5) };
        queue.Client.Write(PreparedMessage.Text("stale").With(stale));
        queue.Client.Write(PreparedMessage.Text("fresh").With(fresh));
        queue.Client.Write("for ever");

        clock.Advance(TimeSpan.FromSeconds(5));

        (await queue.DrainAsync()).Should().Equal("fresh", "for ever");
        // On the thread pool: no code of the application runs where everybody's messages are written.
        await told.Task.InTime();
        queue.Dropped.Should().Equal(("stale", DropReason.Expired));
    }

    /// <summary>Each message that the subscriber writes drops another one. That must neither fill the stack nor keep the writer's thread for ever.</summary>
    [Theory]
    [InlineData(SlowClientPolicy.DropOldest)]
    [InlineData(SlowClientPolicy.DropNewest)]
    public async Task MessageDropped_SubscriberWritesTwoMoreForEach_ProcessAndWriterGoOn(SlowClientPolicy policy)
    {
        using var queue = new QueueOnly(options =>
        {
            options.MaxQueuedMessages = 2;
            options.SlowClientPolicy = policy;
        });
        var (told, enough) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        queue.Client.Events.MessageDropped += _ =>
        {
            if (Interlocked.Increment(ref told) == 100_000)
                enough.SetResult();
            queue.Client.Write("more");
            queue.Client.Write("and more");
        };

        await Task.Run(() =>
        {
            for (var i = 0; i < 3; i++)
                queue.Client.Write("x");
        }).InTime();

        await enough.Task.InTime();
        queue.Client.Abort();
        queue.Start();
        var record = await queue.Client.Completion.InTime();
        record.MessagesDropped.Should().BeGreaterThanOrEqualTo(100_000);
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
        var high = 0;
        var low = new TaskCompletionSource<WatermarkEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Client.Events.HighWatermarkReached += _ => high++;
        queue.Client.Events.LowWatermarkReached += low.SetResult;

        for (var i = 0; i < 5; i++)
            queue.Client.Write("x");
        high.Should().Be(0);
        for (var i = 0; i < 3; i++)
            queue.Client.Write("x");
        high.Should().Be(1);
        low.Task.IsCompleted.Should().BeFalse();

        await queue.DrainAsync();
        // On the thread pool: no code of the application runs where everybody's messages are written.
        await low.Task.InTime();
        high.Should().Be(1);
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
}
