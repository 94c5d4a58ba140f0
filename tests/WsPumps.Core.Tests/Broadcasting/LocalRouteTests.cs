namespace WsPumps.Core.Tests.Broadcasting;

public sealed class LocalRouteTests
{
    private readonly Broadcaster _broadcaster = new(new Manager());

    [Fact]
    public async Task WriteAsync_OneQueueIsFull_WaitsForItAndTheOthersHaveTheMessage()
    {
        using var full = new QueueOnly(options => options.MaxQueuedMessages = 1);
        var quick = new RecordingClient();
        _broadcaster.Manager.Register(full.Client);
        _broadcaster.Manager.Register(quick);
        full.Client.Write("first").Should().Be(WriteResult.Queued);

        var writing = _broadcaster.All.WriteAsync("second").AsTask();
        quick.Written.Should().ContainSingle();
        writing.IsCompleted.Should().BeFalse();

        (await full.DrainAsync()).Should().Equal("first", "second");
        (await writing.InTime()).Should().Be(new BroadcastResult { Queued = 2 });
    }

    [Fact]
    public async Task WriteAsync_Cancelled_ThrowsAndTheOthersHaveTheMessage()
    {
        using var cancel = new CancellationTokenSource();
        using var full = new QueueOnly(options => options.MaxQueuedMessages = 1);
        var quick = new RecordingClient();
        _broadcaster.Manager.Register(full.Client);
        _broadcaster.Manager.Register(quick);
        full.Client.Write("first");
        var writing = _broadcaster.All.Local.WriteAsync("second", cancel.Token).AsTask();

        await cancel.CancelAsync();

        await writing.Invoking(task => task.InTime()).Should().ThrowAsync<OperationCanceledException>();
        quick.Written.Should().ContainSingle();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeliverAsync_OneClient_WaitsByTheClockOfTheClient(bool wrapped)
    {
        var clock = new ManualTimeProvider();
        using var queue = new QueueOnly(time: clock);
        var waiting = (wrapped ? new Wrapper(queue.Client) : (IClient)queue.Client).DeliverAsync("waits", TimeSpan.FromDays(1));
        waiting.IsCompleted.Should().BeFalse();

        clock.Advance(TimeSpan.FromDays(1));

        (await waiting.InTime()).Should().Be(WriteResult.Queued);
    }

    [Fact]
    public async Task DeliverAsync_OneClient_TellsWhatBecameOfTheMessage()
    {
        using var queue = new QueueOnly(options => (options.MaxQueuedMessages, options.SlowClientPolicy) = (1, SlowClientPolicy.DropOldest));
        var replaced = queue.Client.DeliverAsync("old", Limit.Time);
        var waiting = queue.Client.DeliverAsync("new", TimeSpan.Zero);
        (await waiting.InTime()).Should().Be(WriteResult.Queued);
        (await replaced.InTime()).Should().Be(WriteResult.Dropped);

        queue.Start();

        (await queue.Client.DeliverAsync("last", Limit.Time).InTime()).Should().Be(WriteResult.Sent);
        queue.Client.Abort();
        (await queue.Client.DeliverAsync("late", Limit.Time).InTime()).Should().Be(WriteResult.Closed);
    }

    private sealed class Wrapper(IClient inner) : DelegatingClient(inner);
}
