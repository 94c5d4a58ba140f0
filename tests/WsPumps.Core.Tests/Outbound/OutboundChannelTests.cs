using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class OutboundChannelTests
{
    private const int MaxMessages = 4;
    private const int MaxBytes = 100;

    private readonly OutboundChannel _channel;
    private readonly BoundedQueue _queue;
    private readonly PreparedMessage[] _batch = new PreparedMessage[128];

    public OutboundChannelTests() => (_channel, _queue) = Channels.Create(MaxMessages, MaxBytes);

    [Fact]
    public void TryWrite_UpToTheMessageBound_IsQueuedThenDropped()
    {
        for (var i = 0; i < MaxMessages; i++)
            _channel.TryWrite(Of(1)).Should().Be(WriteResult.Queued);

        _channel.TryWrite(Of(1)).Should().Be(WriteResult.Dropped);
        _queue.Count.Should().Be(MaxMessages);
    }

    [Fact]
    public void TryWrite_UpToTheByteBound_IsQueuedThenDropped()
    {
        _channel.TryWrite(Of(MaxBytes - 1)).Should().Be(WriteResult.Queued);
        _channel.TryWrite(Of(2)).Should().Be(WriteResult.Dropped);
        _channel.TryWrite(Of(1)).Should().Be(WriteResult.Queued);
        _channel.TryWrite(Of(1)).Should().Be(WriteResult.Dropped);
    }

    [Fact]
    public void TryWrite_OverTheByteBoundAlone_IsTooLarge() => _channel.TryWrite(Of(MaxBytes + 1)).Should().Be(WriteResult.TooLarge);

    [Fact]
    public async Task WriteAsync_OverTheByteBoundAlone_Throws()
    {
        var write = async () => await _channel.WriteAsync(Of(MaxBytes + 1), CancellationToken.None);

        await write.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task WriteAsync_Full_WaitsAndIsServedInOrder()
    {
        Fill();
        var messages = Enumerable.Range(0, 10).Select(_ => Of(1)).ToArray();
        var writes = messages.Select(message => _channel.WriteAsync(message, CancellationToken.None).AsTask()).ToArray();
        writes.Should().OnlyContain(write => !write.IsCompleted);

        ReadAll().Skip(MaxMessages).Should().Equal(messages);
        foreach (var write in writes)
            (await write.InTime()).Should().Be(WriteResult.Queued);
    }

    [Fact]
    public void WriteAsync_BehindALargerOneThatWaits_WaitsAsWell()
    {
        _channel.TryWrite(Of(60));
        var large = _channel.WriteAsync(Of(60), CancellationToken.None).AsTask();
        var small = _channel.WriteAsync(Of(1), CancellationToken.None).AsTask();

        large.IsCompleted.Should().BeFalse();
        small.IsCompleted.Should().BeFalse();
        _channel.TryWrite(Of(1)).Should().Be(WriteResult.Dropped, "it would overtake those that wait");
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItWaits_IsSkipped()
    {
        Fill();
        using var cancelled = new CancellationTokenSource();
        var first = _channel.WriteAsync(Of(1), cancelled.Token).AsTask();
        var message = Of(1);
        var second = _channel.WriteAsync(message, CancellationToken.None).AsTask();
        await cancelled.CancelAsync();

        await first.Awaiting(write => write.InTime()).Should().ThrowAsync<OperationCanceledException>();
        ReadAll().Skip(MaxMessages).Should().Equal(message);
        (await second.InTime()).Should().Be(WriteResult.Queued);
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItWaits_NoLongerHoldsOthersUp()
    {
        _channel.TryWrite(Of(60));
        using var cancelled = new CancellationTokenSource();
        var large = _channel.WriteAsync(Of(60), cancelled.Token).AsTask();
        var small = _channel.WriteAsync(Of(1), CancellationToken.None).AsTask();
        await cancelled.CancelAsync();
        await large.Awaiting(write => write.InTime()).Should().ThrowAsync<OperationCanceledException>();

        _channel.TryWrite(Of(2)).Should().Be(WriteResult.Queued, "there is room");
        (await small.InTime()).Should().Be(WriteResult.Queued);
        ReadAll().Select(message => message.Length).Should().Equal(60, 1, 2);
    }

    [Fact]
    public async Task WriteAsync_TokenCancelledBefore_IsNotQueued()
    {
        var write = async () => await _channel.WriteAsync(Of(1), new CancellationToken(canceled: true));

        await write.Should().ThrowAsync<OperationCanceledException>();
        _queue.Count.Should().Be(0);
    }

    [Fact]
    public async Task Complete_WithoutDiscard_LeavesWhatIsQueuedAndRefusesTheRest()
    {
        Fill();
        var waiting = _channel.WriteAsync(Of(1), CancellationToken.None).AsTask();
        _channel.Complete(discard: false);

        (await waiting.InTime()).Should().Be(WriteResult.Closed);
        _channel.TryWrite(Of(1)).Should().Be(WriteResult.Closed);
        (await _channel.WriteAsync(Of(1), CancellationToken.None)).Should().Be(WriteResult.Closed);
        (await new WaitingReader(_channel).WaitAsync()).Should().BeTrue();
        ReadAll().Should().HaveCount(MaxMessages);
        (await new WaitingReader(_channel).WaitAsync()).Should().BeFalse();
        _queue.Discarded.Should().Be((0, 0));
    }

    [Fact]
    public async Task Complete_WithDiscard_CountsWhatWasQueued()
    {
        _channel.TryWrite(Of(7));
        _channel.TryWrite(Of(9));
        _channel.Complete(discard: true);
        _channel.Complete(discard: true);

        _queue.Discarded.Should().Be((2, 16));
        (await new WaitingReader(_channel).WaitAsync()).Should().BeFalse();
    }

    [Fact]
    public void Complete_FirstWithoutThenWithDiscard_DiscardsTheRest()
    {
        Fill();
        _channel.Complete(discard: false);
        _channel.Read(_batch.AsSpan(0, 1), int.MaxValue).Should().Be(1);
        _channel.Complete(discard: true);

        _queue.Discarded.Should().Be((MaxMessages - 1, MaxMessages - 1));
        ReadAll().Should().BeEmpty();
    }

    [Fact]
    public async Task Complete_ReaderWaits_WakesIt()
    {
        var waiting = new WaitingReader(_channel).WaitAsync();
        waiting.IsCompleted.Should().BeFalse();
        _channel.Complete(discard: false);

        await waiting.InTime();
        (await new WaitingReader(_channel).WaitAsync().InTime()).Should().BeFalse();
    }

    [Fact]
    public async Task EndTurn_AnyFrame_WakesTheReader()
    {
        Action[] writes =
        [
            () => _channel.TryWrite(Of(1)),
            () => _channel.WriteAsync(Of(1), CancellationToken.None).AsTask(),
            () => _channel.WriteControl(Control(Opcode.Ping)),
            () => _channel.WriteControl(Control(Opcode.Pong)),
        ];
        foreach (var write in writes)
        {
            var waiting = new WaitingReader(_channel).WaitAsync();
            waiting.IsCompleted.Should().BeFalse();
            write();
            (await waiting.InTime()).Should().BeTrue();
            ReadAll().Should().ContainSingle();
        }
    }

    [Fact]
    public void ControlFrames_QueueFull_GoAheadAndCountAgainstNoBound()
    {
        Fill();
        var (ping, pong, next) = (Control(Opcode.Ping), Control(Opcode.Pong), Control(Opcode.Pong));
        _channel.WriteControl(ping);
        _channel.WriteControl(pong);
        _channel.WriteControl(next);

        _queue.Count.Should().Be(MaxMessages);
        var read = ReadAll();
        read.Take(3).Should().Equal(pong, next, ping);
        read.Should().HaveCount(3 + MaxMessages);
    }

    [Fact]
    public void Read_ByteLimit_TakesWholeFramesUpToIt()
    {
        Fill(length: 10);

        _channel.Read(_batch, maxBytes: 36).Should().Be(3);
        _channel.Read(_batch, maxBytes: 11).Should().Be(1, "a frame over the limit comes alone");
        _channel.Read(_batch, maxBytes: 36).Should().Be(0);
    }

    [Fact]
    public void Read_LargeFrameBehindAControlFrame_ComesAlone()
    {
        _channel.TryWrite(Of(90));
        _channel.WriteControl(Control(Opcode.Pong));

        _channel.Read(_batch, maxBytes: 50).Should().Be(1);
        _channel.Read(_batch, maxBytes: 50).Should().Be(1);
    }

    [Fact]
    public void Read_ShortBatch_TakesNoMore()
    {
        Fill();

        _channel.Read(_batch.AsSpan(0, 3), int.MaxValue).Should().Be(3);
        _queue.Count.Should().Be(MaxMessages - 3);
    }

    private static PreparedMessage Of(int length) => PreparedMessage.Binary(new byte[length]);

    private static PreparedMessage Control(Opcode opcode) => PreparedMessage.Control(opcode, [1]);

    private void Fill(int length = 1)
    {
        for (var i = 0; i < MaxMessages; i++)
            _channel.TryWrite(Of(length)).Should().Be(WriteResult.Queued);
    }

    private List<PreparedMessage> ReadAll()
    {
        var all = new List<PreparedMessage>();
        while (_channel.Read(_batch, int.MaxValue) is var count and > 0)
            all.AddRange(_batch.AsSpan(0, count));
        return all;
    }
}
