using System.Buffers;
using WsPumps.Core.Tests.Outbound;
using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>Accepted = sent + dropped + unsent + queued, with messages that are streamed among the others.</summary>
public sealed class StreamedSumsTests
{
    [Fact]
    public void Counters_AtEachStep_HaveAPlaceForTheMessage()
    {
        var queue = Queues.Create(16, 1024);
        var pump = new TestPump(queue);
        var message = new StreamedOutput(queue, work: null);
        message.Open().Should().Be(StreamOpening.Opened);
        queue.Counters().QueuedMessages.Should().Be(1);

        message.TryAdd(Fragment(Opcode.Binary, 100, isFinal: false), always: false).Should().BeTrue();
        message.TryAdd(Fragment(Opcode.Continuation, 1, isFinal: false), always: false).Should().BeFalse("one is the bound");
        message.TryAdd(Fragment(Opcode.Continuation, 50, isFinal: false), always: true).Should().BeTrue();
        queue.Counters().Should().BeEquivalentTo(new { QueuedMessages = 1, QueuedBytes = 150L, MessagesSent = 0L });

        pump.Read().Should().HaveCount(2);
        pump.End.Should().Be(TurnEnd.Rests);
        queue.Counters().Should().BeEquivalentTo(new { QueuedMessages = 1, QueuedBytes = 0L, MessagesSent = 0L, BytesSent = 150L });

        message.TryAdd(Fragment(Opcode.Continuation, 1, isFinal: true), always: false).Should().BeTrue();
        pump.Read();
        queue.Counters().Should().BeEquivalentTo(new { QueuedMessages = 0, MessagesSent = 1L, BytesSent = 151L });
    }

    [Theory]
    [InlineData(SlowClientPolicy.DropNewest)]
    [InlineData(SlowClientPolicy.DropOldest)]
    [InlineData(SlowClientPolicy.Conflate)]
    public async Task AllAtOnce_MessagesAndStreams_AreAllInTheSumsAndNeverInterleave(SlowClientPolicy policy)
    {
        for (var round = 0; round < 30; round++)
        {
            var queue = Queues.Create(maxMessages: 32, maxBytes: 4096, policy);
            var reading = Task.Run(() => ReadUntilTheEndAsync(queue, new Random(round), round % 3 == 0));
            var streaming = Task.Run(() => StreamAllAsync(queue, new Random(round)));
            var writing = Task.Run(() => WriteAllAsync(queue, new Random(round)));
            var accepted = await writing.InTime();
            queue.Complete(discard: round % 2 == 0);
            accepted += await streaming.InTime();
            await reading.InTime();
            queue.Complete(discard: true);

            var counters = queue.Counters();
            (counters.QueuedMessages, counters.QueuedBytes).Should().Be((0, 0), "round {0}", round);
            (counters.MessagesSent + counters.MessagesDropped + counters.MessagesUnsent).Should().Be(accepted, "round {0}", round);
        }
    }

    private static int WriteAllAsync(OutboundQueue queue, Random random)
    {
        var accepted = 0;
        for (var i = 0; i < 3000; i++)
        {
            var message = PreparedMessage.Binary(new byte[random.Next(0, 200)]);
            if (random.Next(3) == 0)
                message = message.With(new MessageOptions { ConflationKey = $"{random.Next(20)}" });
            accepted += queue.Write(message) is WriteResult.Queued or WriteResult.Dropped ? 1 : 0;
        }

        return accepted;
    }

    /// <returns>How many were opened, and not taken back.</returns>
    private static async Task<int> StreamAllAsync(OutboundQueue queue, Random random)
    {
        for (var opened = 0; ; opened++)
        {
            var message = new StreamedOutput(queue, work: null);
            if (message.Open() is not StreamOpening.Opened)
                return opened;

            var opcode = Opcode.Binary;
            for (var left = random.Next(5); left >= 0 && !message.IsOver;)
            {
                if (!message.TryAdd(Fragment(opcode, random.Next(100), isFinal: left == 0), always: left == 0))
                {
                    await message.WaitAsync(StreamedMessage.MaxFragments).InTime();
                    continue;
                }

                opcode = Opcode.Continuation;
                left--;
            }

            await message.WaitAsync(below: 1).InTime();
        }
    }

    private static async Task ReadUntilTheEndAsync(OutboundQueue queue, Random random, bool fails)
    {
        var pump = new TestPump(queue);
        var isWithin = false;
        while (pump.End is not TurnEnd.WasLast)
        {
            if (pump.End is TurnEnd.Rests)
                await pump.WhenWokenAsync().InTime();
            foreach (var message in pump.Read(sent: !fails || random.Next(50) != 0))
            {
                (message.Opcode is Opcode.Continuation).Should().Be(isWithin, "a message is whole before the next one begins");
                isWithin = message.IsPartial;
            }

            // A pump whose write has failed writes nothing more of the message; here it goes on with the next one.
            isWithin &= queue.IsWithinMessage;
        }
    }

    private static PreparedMessage Fragment(Opcode opcode, int length, bool isFinal) =>
        PreparedMessage.Fragment(opcode, ArrayPool<byte>.Shared.Rent(1024), length, isFinal);
}
