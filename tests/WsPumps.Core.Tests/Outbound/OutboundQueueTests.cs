using System.Text;
using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class OutboundQueueTests
{
    private const int MaxMessages = 4;
    private const int MaxBytes = 100;

    private readonly OutboundQueue _queue = Queues.Create(MaxMessages, MaxBytes);
    private readonly TestPump _pump;

    public OutboundQueueTests() => _pump = new TestPump(_queue);

    [Fact]
    public void Write_ThousandsOfKeysTwice_EachLeavesOnceWithItsNewestValueInTheOrderInWhichTheKeysCame()
    {
        const int keys = 5000;
        var queue = Queues.Create(maxMessages: keys, maxBytes: 1 << 20, SlowClientPolicy.Conflate);
        for (var value = 0; value < 2; value++)
        {
            for (var key = 0; key < keys; key++)
                queue.Write(Valued(key, value)).Should().Be(WriteResult.Queued);
        }

        var pump = new TestPump(queue);
        pump.ReadAll().Select(message => Encoding.UTF8.GetString(message.Payload.Span)).Should().Equal(Enumerable.Range(0, keys).Select(key => $"{key} is 1"));
        queue.Counters().MessagesDropped.Should().Be(keys);

        static PreparedMessage Valued(int key, int value) =>
            PreparedMessage.Text($"{key} is {value}").With(new MessageOptions { ConflationKey = $"{key}" });
    }

    [Fact]
    public void Write_UpToTheMessageBound_IsQueuedThenDropped()
    {
        for (var i = 0; i < MaxMessages; i++)
            _queue.Write(Of(1)).Should().Be(WriteResult.Queued);

        _queue.Write(Of(1)).Should().Be(WriteResult.Dropped);
        _queue.Counters().QueuedMessages.Should().Be(MaxMessages);
    }

    [Fact]
    public void Write_UpToTheByteBound_IsQueuedThenDropped()
    {
        _queue.Write(Of(MaxBytes - 1)).Should().Be(WriteResult.Queued);
        _queue.Write(Of(2)).Should().Be(WriteResult.Dropped);
        _queue.Write(Of(1)).Should().Be(WriteResult.Queued);
        _queue.Write(Of(1)).Should().Be(WriteResult.Dropped);
    }

    [Fact]
    public void Write_OverTheByteBoundAlone_IsTooLarge() => _queue.Write(Of(MaxBytes + 1)).Should().Be(WriteResult.TooLarge);

    [Fact]
    public async Task WriteAsync_OverTheByteBoundAlone_Throws()
    {
        var write = async () => await _queue.WriteAsync(Of(MaxBytes + 1), CancellationToken.None);

        await write.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task WriteAsync_Full_WaitsAndIsServedInOrder()
    {
        Fill();
        var messages = Enumerable.Range(0, 10).Select(_ => Of(1)).ToArray();
        var writes = messages[..MaxMessages].Select(message => _queue.WriteAsync(message, CancellationToken.None).AsTask()).ToArray();
        writes.Should().OnlyContain(write => !write.IsCompleted);

        _pump.ReadAll().Skip(MaxMessages).Should().Equal(messages[..MaxMessages]);
        foreach (var write in writes)
            (await write.InTime()).Should().Be(WriteResult.Queued);
    }

    [Fact]
    public void WriteAsync_BehindALargerOneThatWaits_WaitsAsWell()
    {
        _queue.Write(Of(60));
        var large = _queue.WriteAsync(Of(60), CancellationToken.None).AsTask();
        var small = _queue.WriteAsync(Of(1), CancellationToken.None).AsTask();

        large.IsCompleted.Should().BeFalse();
        small.IsCompleted.Should().BeFalse();
    }

    /// <summary>A producer that waits for room keeps the queue as full as it may. A broadcast to the same client must find room nevertheless.</summary>
    [Fact]
    public void Write_WhileOthersWait_FindsTheRoomThatIsReserved()
    {
        WriteAsync(1).IsCompleted.Should().BeTrue();
        WriteAsync(1).IsCompleted.Should().BeTrue();
        WriteAsync(1).IsCompleted.Should().BeTrue();
        WriteAsync(1).IsCompleted.Should().BeFalse("the last quarter is for those who cannot wait");

        _queue.Write(Of(1)).Should().Be(WriteResult.Queued);
        _queue.Write(Of(1)).Should().Be(WriteResult.Dropped);
    }

    [Fact]
    public void Write_WhileOthersWait_FindsTheBytesThatAreReserved()
    {
        WriteAsync(70).IsCompleted.Should().BeTrue();
        WriteAsync(6).IsCompleted.Should().BeFalse();

        _queue.Write(Of(30)).Should().Be(WriteResult.Queued);
    }

    [Fact]
    public void WriteAsync_EmptyQueue_TakesWhateverFitsAtAll() => WriteAsync(MaxBytes).IsCompleted.Should().BeTrue();

    [Fact]
    public async Task WriteAsync_MoreThanMayWait_IsRefusedAndTheOthersAreCounted()
    {
        Fill();
        var waiting = Enumerable.Range(0, 256).Select(_ => WriteAsync(0)).ToArray();

        (await WriteAsync(0).InTime()).Should().Be(WriteResult.Dropped);

        var counters = _queue.Counters();
        (counters.QueuedMessages, counters.WaitingMessages).Should().Be((MaxMessages + 256, 256));
        _pump.ReadAll();
        (await Task.WhenAll(waiting).InTime()).Should().AllBeEquivalentTo(WriteResult.Queued);
        _queue.Counters().WaitingMessages.Should().Be(0);
    }

    [Fact]
    public async Task WriteAsync_MoreBytesThanMayWait_IsRefused()
    {
        Fill();
        var waiting = Enumerable.Range(0, 4).Select(_ => WriteAsync(MaxBytes)).ToArray();

        (await WriteAsync(1).InTime()).Should().Be(WriteResult.Dropped);
        (_queue.Counters().QueuedBytes, _queue.Counters().WaitingMessages).Should().Be((MaxMessages + (4 * MaxBytes), 4));
        waiting.Should().OnlyContain(write => !write.IsCompleted);
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItWaits_IsSkipped()
    {
        Fill();
        using var cancelled = new CancellationTokenSource();
        var first = _queue.WriteAsync(Of(1), cancelled.Token).AsTask();
        var message = Of(1);
        var second = _queue.WriteAsync(message, CancellationToken.None).AsTask();
        await cancelled.CancelAsync();

        await first.Awaiting(write => write.InTime()).Should().ThrowAsync<OperationCanceledException>();
        _pump.ReadAll().Skip(MaxMessages).Should().Equal(message);
        (await second.InTime()).Should().Be(WriteResult.Queued);
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItWaits_NoLongerHoldsOthersUp()
    {
        _queue.Write(Of(60));
        using var cancelled = new CancellationTokenSource();
        var large = _queue.WriteAsync(Of(60), cancelled.Token).AsTask();
        var small = _queue.WriteAsync(Of(1), CancellationToken.None).AsTask();
        await cancelled.CancelAsync();
        await large.Awaiting(write => write.InTime()).Should().ThrowAsync<OperationCanceledException>();

        _queue.Write(Of(2)).Should().Be(WriteResult.Queued, "there is room");
        (await small.InTime()).Should().Be(WriteResult.Queued);
        _pump.ReadAll().Select(message => message.Length).Should().Equal(60, 1, 2);
    }

    [Fact]
    public async Task WriteAsync_TokenCancelledBefore_IsNotQueued()
    {
        var write = async () => await _queue.WriteAsync(Of(1), new CancellationToken(canceled: true));

        await write.Should().ThrowAsync<OperationCanceledException>();
        _queue.Counters().QueuedMessages.Should().Be(0);
    }

    [Fact]
    public async Task Complete_WithoutDiscard_LeavesWhatIsQueuedAndRefusesTheRest()
    {
        Fill();
        var waiting = _queue.WriteAsync(Of(1), CancellationToken.None).AsTask();
        _queue.Complete(discard: false);

        (await waiting.InTime()).Should().Be(WriteResult.Closed);
        _queue.Write(Of(1)).Should().Be(WriteResult.Closed);
        (await _queue.WriteAsync(Of(1), CancellationToken.None)).Should().Be(WriteResult.Closed);
        _pump.ReadAll().Should().HaveCount(MaxMessages);
        _pump.Read().Should().BeEmpty();
        _pump.End.Should().Be(TurnEnd.WasLast);
        _queue.Counters().MessagesUnsent.Should().Be(0);
    }

    [Fact]
    public async Task Complete_WithDiscard_CountsWhatWasQueued()
    {
        _queue.Write(Of(7));
        _queue.Write(Of(9));
        _queue.Complete(discard: true);
        _queue.Complete(discard: true);

        (_queue.Counters().MessagesUnsent, _queue.Counters().BytesUnsent).Should().Be((2, 16));
        _pump.Read().Should().BeEmpty();
        _pump.End.Should().Be(TurnEnd.WasLast);
    }

    [Fact]
    public void Complete_FirstWithoutThenWithDiscard_DiscardsTheRest()
    {
        Fill();
        _queue.Complete(discard: false);
        _queue.Complete(discard: true);

        _queue.Counters().MessagesUnsent.Should().Be(MaxMessages);
        _pump.ReadAll().Should().BeEmpty();
    }

    [Fact]
    public async Task Complete_PumpRests_WakesIt()
    {
        var waiting = _pump.WhenWokenAsync();
        waiting.IsCompleted.Should().BeFalse();
        _queue.Complete(discard: false);

        await waiting.InTime();
        _pump.Read().Should().BeEmpty();
        _pump.End.Should().Be(TurnEnd.WasLast);
    }

    [Fact]
    public async Task EndTurn_AnyFrame_WakesThePump()
    {
        Action[] writes =
        [
            () => _queue.Write(Of(1)),
            () => _queue.WriteAsync(Of(1), CancellationToken.None).AsTask(),
            () => _queue.WriteControl(Control(Opcode.Ping)),
            () => _queue.WriteControl(Control(Opcode.Pong)),
        ];
        foreach (var write in writes)
        {
            var waiting = _pump.WhenWokenAsync();
            waiting.IsCompleted.Should().BeFalse();
            write();
            await waiting.InTime();
            _pump.Read().Should().ContainSingle();
        }
    }

    [Fact]
    public void EndTurn_NotSent_IsUnsent()
    {
        Fill(length: 3);

        _pump.Read(sent: false).Should().HaveCount(MaxMessages);

        var counters = _queue.Counters();
        (counters.MessagesSent, counters.MessagesUnsent, counters.BytesUnsent, counters.QueuedMessages).Should().Be((0, MaxMessages, 3 * MaxMessages, 0));
    }

    [Fact]
    public void Counters_WhileABatchIsWritten_CountItAsQueued()
    {
        Fill(length: 3);
        _queue.Read(new Batch());

        var counters = _queue.Counters();
        (counters.QueuedMessages, counters.QueuedBytes, counters.MessagesSent).Should().Be((MaxMessages, 3 * MaxMessages, 0));
        _queue.EndTurn(sent: true, out _);
        _queue.Counters().MessagesSent.Should().Be(MaxMessages);
    }

    [Fact]
    public void Cork_ThisThreadWrites_WakesNobodyAndHasTheTurnAtTheEnd()
    {
        Cork.Begin(_queue);
        _queue.Write(Of(1));
        _queue.Write(Of(1));
        Cork.End(_queue).Should().BeTrue();

        _pump.WakeUps.Should().Be(0);
        _pump.ReadAll().Should().HaveCount(2);
        _queue.Write(Of(1));
        _pump.WakeUps.Should().Be(1);
    }

    [Fact]
    public void WriteHere_PumpRests_HasTheTurnOnThisThread()
    {
        _queue.Write(Of(1), here: true).Should().Be(WriteResult.Queued);

        (_pump.WakeUps, _pump.WakeUpsHere).Should().Be((0, 1));
        _queue.IsDrained.Should().BeFalse("the pump has not taken it yet");
        _pump.ReadAll().Should().HaveCount(1);
        _queue.IsDrained.Should().BeTrue();
    }

    [Fact]
    public void WriteHere_PumpIsAtWork_LeavesItToThePump()
    {
        _queue.Write(Of(1));
        _queue.Write(Of(1), here: true).Should().Be(WriteResult.Queued);

        (_pump.WakeUps, _pump.WakeUpsHere).Should().Be((1, 0));
        _pump.ReadAll().Should().HaveCount(2);
    }

    [Fact]
    public void WriteHere_InACork_WritesWhatTheCorkHoldsBackAsWell()
    {
        Cork.Begin(_queue);
        _queue.Write(Of(1));
        _queue.Write(Of(1), here: true);

        (_pump.WakeUps, _pump.WakeUpsHere).Should().Be((0, 1));
        _pump.ReadAll().Should().HaveCount(2);
        Cork.End(_queue).Should().BeFalse("nothing is left");
    }

    [Fact]
    public void IsDrained_Completed_IsFalse()
    {
        _queue.Complete(discard: false);

        _queue.IsDrained.Should().BeFalse();
    }

    [Fact]
    public void Cork_AnotherThreadWrites_WakesThePump()
    {
        Cork.Begin(_queue);
        _queue.Write(Of(1));
        // A task could run on this very thread, which awaits it.
        var another = new Thread(() => _queue.Write(Of(1)));
        another.Start();
        another.Join(Limit.Time).Should().BeTrue();

        _pump.WakeUps.Should().Be(1);
        Cork.End(_queue).Should().BeFalse("the pump has its turn already");
    }

    [Fact]
    public void Cork_OtherQueue_IsWrittenAsEver()
    {
        var other = Queues.Create(MaxMessages, MaxBytes);
        var pump = new TestPump(other);
        Cork.Begin(_queue);
        other.Write(Of(1));
        Cork.End(_queue).Should().BeFalse();

        pump.WakeUps.Should().Be(1);
    }

    [Fact]
    public void WakeCorked_HandlerDoesNotReturn_WakesThePump()
    {
        Cork.Begin(_queue);
        _queue.Write(Of(1));
        _queue.WakeCorked();

        _pump.WakeUps.Should().Be(1);
        Cork.End(_queue).Should().BeFalse();
    }

    [Fact]
    public void ControlFrames_QueueFull_GoAheadAndCountAgainstNoBound()
    {
        Fill();
        var (ping, pong) = (Control(Opcode.Ping), Control(Opcode.Pong));
        _queue.WriteControl(ping);
        _queue.WriteControl(Control(Opcode.Pong));
        _queue.WriteControl(pong);

        _queue.Counters().QueuedMessages.Should().Be(MaxMessages);
        var read = _pump.ReadAll();
        read.Skip(1).Take(2).Should().Equal(pong, ping);
        read.Should().HaveCount(3 + MaxMessages);
    }

    [Fact]
    public void ControlFrames_ManyPongs_KeepTheLatestSixteen()
    {
        var pongs = Enumerable.Range(0, 20).Select(_ => Control(Opcode.Pong)).ToArray();
        foreach (var pong in pongs)
            _queue.WriteControl(pong);

        _pump.Read().Should().Equal(pongs[4..]);
    }

    [Fact]
    public void Read_ByteLimit_TakesWholeFramesUpToIt()
    {
        var queue = Queues.Create(100, 1 << 20);
        var pump = new TestPump(queue);
        int[] lengths = [3000, 3000, 3000, 3000, 3000, 3000, Batch.MaxBytes, 1];
        foreach (var length in lengths)
            queue.Write(Of(length));

        pump.Read().Should().HaveCount(5);
        pump.Read().Should().HaveCount(1);
        pump.Read().Should().ContainSingle("a frame over the limit comes alone").Which.Length.Should().Be(Batch.MaxBytes);
        pump.Read().Should().HaveCount(1);
    }

    [Fact]
    public void Read_LargeFrameBehindAControlFrame_ComesAlone()
    {
        var queue = Queues.Create(100, 1 << 20);
        var pump = new TestPump(queue);
        queue.Write(Of(Batch.MaxBytes));
        queue.WriteControl(Control(Opcode.Pong));

        pump.Read().Should().ContainSingle();
        pump.Read().Should().ContainSingle();
    }

    private Task<WriteResult> WriteAsync(int length) => _queue.WriteAsync(Of(length), CancellationToken.None).AsTask();

    private static PreparedMessage Of(int length) => PreparedMessage.Binary(new byte[length]);

    private static PreparedMessage Control(Opcode opcode) => PreparedMessage.Control(opcode, [1]);

    private void Fill(int length = 1)
    {
        for (var i = 0; i < MaxMessages; i++)
            _queue.Write(Of(length)).Should().Be(WriteResult.Queued);
    }
}
