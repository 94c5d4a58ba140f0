using System.Buffers;
using System.Net.WebSockets;
using WsPumps.Inbound;

namespace WsPumps.Core.Tests.Inbound;

public sealed class DispatcherTests
{
    private const int Capacity = 3;

    private readonly List<int> _handled = [];
    private readonly Queue<TaskCompletionSource> _works = new();
    private bool _waits;

    [Fact]
    public void Dispatch_HandlerCompletesAtOnce_HandlesOnTheCallersTurn()
    {
        var dispatcher = Create();
        for (var i = 0; i < 100; i++)
        {
            dispatcher.DispatchAsync(Of(i)).AsTask().IsCompletedSuccessfully.Should().BeTrue();
            _handled.Should().HaveCount(i + 1);
        }

        _handled.Should().Equal(Enumerable.Range(0, 100));
        dispatcher.HoldsReader.Should().BeFalse();
        dispatcher.WhenIdleAsync().IsCompleted.Should().BeTrue();
    }

    [Fact]
    public void Dispatch_InsideTheHandler_HoldsTheReader()
    {
        var held = false;
        Dispatcher? dispatcher = null;
        dispatcher = new Dispatcher(
            _ =>
            {
                held = dispatcher!.HoldsReader;
                return default;
            },
            new InboundBounds(Capacity, long.MaxValue, null));

        dispatcher.DispatchAsync(Of(0)).AsTask().IsCompletedSuccessfully.Should().BeTrue();

        held.Should().BeTrue();
        dispatcher.HoldsReader.Should().BeFalse();
    }

    [Fact]
    public async Task Dispatch_HandlerAtWork_QueuesUpToTheBoundThenWaits()
    {
        var dispatcher = Create(waits: true);
        for (var i = 0; i < Capacity; i++)
            dispatcher.DispatchAsync(Of(i)).AsTask().IsCompletedSuccessfully.Should().BeTrue();
        dispatcher.HoldsReader.Should().BeFalse();

        var room = dispatcher.DispatchAsync(Of(Capacity)).AsTask();
        room.IsCompleted.Should().BeFalse();
        dispatcher.HoldsReader.Should().BeTrue();

        await FinishOneAsync();
        await room.InTime();
        dispatcher.HoldsReader.Should().BeFalse();
    }

    [Fact]
    public async Task Dispatch_HandlersFinish_HandlesOneAtATimeAndInOrder()
    {
        var dispatcher = Create(waits: true);
        for (var i = 0; i < Capacity; i++)
            await dispatcher.DispatchAsync(Of(i));

        for (var i = 0; i < Capacity; i++)
        {
            _handled.Should().Equal(Enumerable.Range(0, i + 1));
            dispatcher.WhenIdleAsync().IsCompleted.Should().BeFalse();
            await FinishOneAsync();
        }

        await dispatcher.WhenIdleAsync().InTime();
    }

    [Fact]
    public async Task Dispatch_AfterItWasIdle_HandlesAgain()
    {
        var dispatcher = Create(waits: true);
        await dispatcher.DispatchAsync(Of(0));
        await FinishOneAsync();
        await dispatcher.WhenIdleAsync().InTime();

        await dispatcher.DispatchAsync(Of(1));
        dispatcher.WhenIdleAsync().IsCompleted.Should().BeFalse();
        await FinishOneAsync();

        await dispatcher.WhenIdleAsync().InTime();
        _handled.Should().Equal(0, 1);
    }

    [Fact]
    public async Task Stop_MessagesWaiting_DiscardsThemAndFreesTheReader()
    {
        var dispatcher = Create(waits: true);
        for (var i = 0; i < Capacity; i++)
            await dispatcher.DispatchAsync(Of(i));
        var room = dispatcher.DispatchAsync(Of(Capacity)).AsTask();

        dispatcher.Stop();
        await room.InTime();
        dispatcher.WhenIdleAsync().IsCompleted.Should().BeFalse("a handler is at work");
        await FinishOneAsync();

        await dispatcher.WhenIdleAsync().InTime();
        _handled.Should().Equal(0);
    }

    [Fact]
    public void Dispatch_Stopped_DiscardsAtOnce()
    {
        var dispatcher = Create();
        dispatcher.Stop();

        dispatcher.DispatchAsync(Of(0)).AsTask().IsCompletedSuccessfully.Should().BeTrue();
        _handled.Should().BeEmpty();
        dispatcher.WhenIdleAsync().IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task Dispatch_HandlersThatHop_LoseNothingAndKeepTheOrder()
    {
        const int count = 50_000;
        var handled = new List<int>();
        var dispatcher = new Dispatcher(
            async message =>
            {
                if (IdOf(message) % 3 > 0)
                    await Task.Yield();
                handled.Add(IdOf(message));
            },
            new InboundBounds(Capacity, long.MaxValue, null));

        await Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
                await dispatcher.DispatchAsync(Of(i));
            await dispatcher.WhenIdleAsync();
        }).WaitAsync(Limit.Time);

        handled.Should().Equal(Enumerable.Range(0, count));
    }

    [Fact]
    public async Task Dispatch_HandlerAtWork_QueuesBytesUpToTheBoundThenWaits()
    {
        var dispatcher = Create(waits: true, new InboundBounds(100, 2 * sizeof(int), null));
        dispatcher.DispatchAsync(Of(0)).AsTask().IsCompleted.Should().BeTrue();
        dispatcher.DispatchAsync(Of(1)).AsTask().IsCompleted.Should().BeTrue();

        var room = dispatcher.DispatchAsync(Of(2)).AsTask();
        room.IsCompleted.Should().BeFalse();
        await FinishOneAsync();
        await room.InTime();
    }

    [Fact]
    public async Task Dispatch_SharedBudgetPassed_NobodyReadsWhileAnythingOfItsOwnWaits()
    {
        var budget = new InboundBudget(3 * sizeof(int));
        var one = Create(waits: true, new InboundBounds(100, long.MaxValue, budget));
        for (var i = 0; i < 3; i++)
            one.DispatchAsync(Of(i)).AsTask().IsCompleted.Should().BeTrue();
        var other = new Dispatcher(_ => new ValueTask(new TaskCompletionSource().Task), new InboundBounds(100, long.MaxValue, budget));
        other.DispatchAsync(Of(0)).AsTask().IsCompleted.Should().BeTrue("the message is in its handler, and nothing waits");
        budget.IsPassed.Should().BeFalse();

        var room = one.DispatchAsync(Of(3)).AsTask();
        budget.IsPassed.Should().BeTrue();
        room.IsCompleted.Should().BeFalse();
        other.DispatchAsync(Of(1)).AsTask().IsCompleted.Should().BeFalse();

        other.Stop();
        await FinishOneAsync();
        await room.InTime();
        one.Stop();
        budget.IsPassed.Should().BeFalse();
    }

    private static ReceivedMessage Of(int id)
    {
        // The dispatcher gives it back to the pool.
        var buffer = ArrayPool<byte>.Shared.Rent(sizeof(int));
        BitConverter.TryWriteBytes(buffer, id);
        return new ReceivedMessage(WebSocketMessageType.Binary, buffer, sizeof(int));
    }

    private static int IdOf(ReceivedMessage message) => BitConverter.ToInt32(message.AsMessage().Payload.Span);

    private Dispatcher Create(bool waits = false, InboundBounds? bounds = null)
    {
        _waits = waits;
        return new Dispatcher(Handle, bounds ?? new InboundBounds(Capacity, long.MaxValue, null));
    }

    private ValueTask Handle(ReceivedMessage message)
    {
        _handled.Add(IdOf(message));
        if (!_waits)
            return default;

        // Continues inside FinishOneAsync: the next handler has begun when that ends.
        var work = new TaskCompletionSource();
        _works.Enqueue(work);
        return new ValueTask(work.Task);
    }

    /// <summary>On a thread without a synchronization context, which would send the continuation elsewhere.</summary>
    private Task FinishOneAsync() => Task.Run(_works.Dequeue().SetResult).InTime();
}
