using System.Net.WebSockets;
using WsPumps.Inbound;
using WsPumps.Lifetime;

namespace WsPumps.Core.Tests.Lifetime;

public sealed class SlowHandlerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Queue<TaskCompletionSource> _handling = new();
    private readonly Dispatcher _dispatcher;
    private readonly Pauses _pauses;
    private SlowHandler _slow;

    public SlowHandlerTests()
    {
        _pauses = new Pauses(_time);
        _dispatcher = new Dispatcher(Handle, new InboundBounds(100, long.MaxValue, null));
    }

    [Fact]
    public void IsNoticed_MessagesWaitBehindIt_OnceAfterTenSeconds()
    {
        Dispatch(2);

        Ticks(30).Should().Equal(11);
    }

    [Fact]
    public void IsNoticed_NothingWaitsAndNoThreadIsKept_Never()
    {
        Dispatch(1);

        Ticks(30).Should().BeEmpty();
    }

    [Fact]
    public async Task IsNoticed_NextMessageTakesLongToo_AnotherTime()
    {
        Dispatch(3);
        Ticks(15).Should().Equal(11);

        await EndOneAsync();

        Ticks(15).Should().Equal(11);
    }

    [Fact]
    public async Task IsNoticed_EachEndsInTime_Never()
    {
        Dispatch(10);

        for (var i = 0; i < 8; i++)
        {
            Ticks(9).Should().BeEmpty();
            await EndOneAsync();
        }
    }

    private void Dispatch(int count)
    {
        for (var i = 0; i < count; i++)
            _ = _dispatcher.DispatchAsync(new ReceivedMessage(WebSocketMessageType.Binary, null, 0)).AsTask();
    }

    /// <summary>On a thread without a context the next message is taken before this returns.</summary>
    private Task EndOneAsync() => Task.Run(() => _handling.Dequeue().SetResult()).InTime();

    /// <summary>A tick each second.</summary>
    /// <returns>Those at which it was noticed, from 1.</returns>
    private List<int> Ticks(int count)
    {
        var noticed = new List<int>();
        for (var i = 1; i <= count; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (_slow.IsNoticed(new HeartbeatTick((ulong)i, _time.GetTimestamp(), _time.GetUtcNow(), TimeSpan.Zero, _pauses), _dispatcher))
                noticed.Add(i);
        }

        return noticed;
    }

    private ValueTask Handle(ReceivedMessage message)
    {
        var end = new TaskCompletionSource();
        _handling.Enqueue(end);
        return new ValueTask(end.Task);
    }
}
