using System.Buffers;

namespace WsPumps.Testing.Tests;

public sealed class RecordingReceiverTests
{
    private readonly RecordingReceiver _receiver = new() { RealTimeLimit = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task NextAsync_MessagesHaveCome_TakesThemInOrder()
    {
        _receiver.Receive("a", "one"u8.ToArray());
        _receiver.Receive("b", "two"u8.ToArray());

        var (first, second) = (await _receiver.NextAsync(), await _receiver.NextAsync());

        (first.Channel, first.Text).Should().Be(("a", "one"));
        (second.Channel, second.Text).Should().Be(("b", "two"));
        _receiver.TryTake().Should().BeNull();
    }

    [Fact]
    public async Task NextAsync_NothingComes_SaysWhatItWasTold()
    {
        _receiver.StatusChanged(new BackplaneStatus { State = BackplaneState.Lost, Error = "no route" });

        var next = _receiver.NextAsync;

        (await next.Should().ThrowAsync<PumpsTestException>()).Which.Message.Should().Contain("a message, which has not come").And.Contain("Lost no route");
    }

    [Fact]
    public async Task UntilConnectedAsync_ItConnectsLater_Returns()
    {
        var receiver = new RecordingReceiver();
        receiver.State.Should().Be(BackplaneState.Unknown);
        var connected = receiver.UntilConnectedAsync();
        connected.IsCompleted.Should().BeFalse();

        receiver.StatusChanged(new BackplaneStatus { State = BackplaneState.Connected });

        await connected.InTime();
        receiver.Statuses.Should().ContainSingle();
    }

    [Fact]
    public async Task Receive_WhileACallForTheChannelHasNotReturned_FailsTheNextWait()
    {
        using var data = new CallingMemory(() => _receiver.Receive("a", "inner"u8.ToArray()));
        _receiver.Receive("a", data.Memory);

        var next = _receiver.NextAsync;

        (await next.Should().ThrowAsync<PumpsTestException>()).WithMessage("*one call of Receive at a time, and it was called for 'a' while*");
    }

    [Fact]
    public async Task Receive_WhileACallForAnotherChannelHasNotReturned_IsFine()
    {
        using var data = new CallingMemory(() => _receiver.Receive("b", "inner"u8.ToArray()));
        _receiver.Receive("a", data.Memory);

        (await _receiver.NextAsync()).Channel.Should().Be("b");
        (await _receiver.NextAsync()).Channel.Should().Be("a");
    }

    [Fact]
    public async Task SubscribeAsync_Returns_WhenWhatIsPublishedComes_AndItIsNoMessage()
    {
        var engine = new TestBackplaneNetwork().Add();
        var receiver = new RecordingReceiver();
        await engine.StartAsync(receiver, CancellationToken.None);

        await receiver.SubscribeAsync(engine, "a").InTime();

        engine.Interests.Should().Equal("a");
        receiver.TryTake().Should().BeNull();
    }

    /// <summary>Bytes that call somebody when they are read.</summary>
    private sealed class CallingMemory(Action read) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            read();
            return new byte[1];
        }

        public override Memory<byte> Memory => CreateMemory(1);

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
