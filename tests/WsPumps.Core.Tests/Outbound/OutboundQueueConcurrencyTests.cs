using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class OutboundQueueConcurrencyTests
{
    private const int Writers = 4;
    private const int MessagesEach = 100_000;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1024)]
    public async Task ManyWriters_OneReader_LoseNothingAndKeepTheirOrder(int maxMessages)
    {
        var queue = Queues.Create(maxMessages, maxBytes: 1 << 20);
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAllAsync(queue, writer))));
        var reading = Task.Run(() => ReadAllAsync(queue));

        await writing.WaitAsync(Limit.Time * 4);
        queue.Complete(discard: false);
        (await reading.InTime()).Should().AllBeEquivalentTo(MessagesEach);
    }

    /// <summary>Everybody at once: those who wait and give up, those who don't wait, a reader that fails at times, and a close in the middle.</summary>
    [Theory]
    [InlineData(SlowClientPolicy.Disconnect)]
    [InlineData(SlowClientPolicy.DropNewest)]
    [InlineData(SlowClientPolicy.DropOldest)]
    [InlineData(SlowClientPolicy.Conflate)]
    public async Task AllAtOnce_AnyPolicy_EveryMessageHasItsPlaceInTheSums(SlowClientPolicy policy)
    {
        for (var round = 0; round < 20; round++)
        {
            var queue = Queues.Create(maxMessages: 32, maxBytes: 4096, policy);
            using var stop = new CancellationTokenSource();
            var reading = Task.Run(() => ReadUntilTheEndAsync(queue, new Random(round)));
            var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAtRandomAsync(queue, new Random((round * Writers) + writer)))).ToArray();
            await writing[0].WaitAsync(Limit.Time);
            queue.Complete(discard: round % 2 == 0);
            var accepted = (await Task.WhenAll(writing).InTime()).Sum();
            await reading.InTime();
            queue.Complete(discard: true);

            var counters = queue.Counters();
            (counters.QueuedMessages, counters.QueuedBytes, counters.WaitingMessages).Should().Be((0, 0, 0));
            (counters.MessagesSent + counters.MessagesDropped + counters.MessagesUnsent).Should().Be(accepted, "round {0}", round);
        }
    }

    /// <returns>How many were accepted, or refused and counted as dropped.</returns>
    private static async Task<long> WriteAtRandomAsync(OutboundQueue queue, Random random)
    {
        var accepted = 0L;
        var waiting = new List<Task<WriteResult>>();
        using var cancelled = new CancellationTokenSource();
        for (var i = 0; i < 2000; i++)
        {
            var message = PreparedMessage.Binary(new byte[random.Next(0, 200)]);
            if (random.Next(3) == 0)
                message = message.With(new MessageOptions { ConflationKey = $"{random.Next(20)}" });

            if (random.Next(4) != 0)
                accepted += Count(queue.Write(message));
            else
                waiting.Add(queue.WriteAsync(message, random.Next(2) == 0 ? cancelled.Token : default).AsTask());

            if (random.Next(500) == 0)
                await cancelled.CancelAsync();
        }

        foreach (var write in waiting)
        {
            try
            {
                accepted += Count(await write.InTime());
            }
            catch (OperationCanceledException)
            {
                // It was not accepted.
            }
        }

        return accepted;

        int Count(WriteResult result) => result is WriteResult.Queued || (result is WriteResult.Dropped && queue.Bounds.Policy is not SlowClientPolicy.Disconnect) ? 1 : 0;
    }

    private static async Task ReadUntilTheEndAsync(OutboundQueue queue, Random random)
    {
        var pump = new TestPump(queue);
        while (pump.End is not TurnEnd.WasLast)
        {
            if (pump.End is TurnEnd.Rests)
                await pump.WhenWokenAsync().InTime();
            pump.Read(sent: random.Next(10) != 0);
        }
    }

    private static async Task WriteAllAsync(OutboundQueue queue, int writer)
    {
        var payload = new byte[8];
        BitConverter.TryWriteBytes(payload, writer);
        for (var i = 0; i < MessagesEach; i++)
        {
            BitConverter.TryWriteBytes(payload.AsSpan(4), i);
            var result = await queue.WriteAsync(PreparedMessage.Binary(payload), CancellationToken.None);
            if (result is not WriteResult.Queued)
                throw new InvalidOperationException($"{result}");
        }
    }

    /// <returns>How many came from each writer.</returns>
    private static async Task<int[]> ReadAllAsync(OutboundQueue queue)
    {
        var next = new int[Writers];
        var pump = new TestPump(queue);
        while (pump.End is not TurnEnd.WasLast)
        {
            if (pump.End is TurnEnd.Rests)
                await pump.WhenWokenAsync();
            foreach (var message in pump.Read())
            {
                var payload = message.Payload.Span;
                var (writer, number) = (BitConverter.ToInt32(payload), BitConverter.ToInt32(payload[4..]));
                if (number != next[writer]++)
                    throw new InvalidOperationException($"Writer {writer}: {number} instead of {next[writer] - 1}.");
            }
        }

        return next;
    }
}
