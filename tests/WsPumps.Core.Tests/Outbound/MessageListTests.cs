using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class MessageListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(68)]
    [InlineData(1000)]
    public void Dequeue_AfterMany_IsInOrder(int count)
    {
        var list = default(MessageList);
        var messages = Enumerable.Range(0, count).Select(i => PreparedMessage.Binary(new byte[i])).ToArray();
        foreach (var message in messages)
            list.Enqueue(new QueuedMessage(message, 0));

        (list.Count, list.Bytes).Should().Be((count, messages.Sum(message => (long)message.Length)));
        foreach (var message in messages)
        {
            list.Peek().Message.Should().BeSameAs(message);
            list.Dequeue().Message.Should().BeSameAs(message);
        }

        (list.Count, list.Bytes, list.HeadNumber).Should().Be((0, 0, count));
    }

    [Fact]
    public void List_UsedAtRandom_BehavesAsAQueue()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var list = default(MessageList);
            var model = new Queue<PreparedMessage>();
            for (var step = 0; step < 2000; step++)
            {
                // Waves, so that it grows over several segments and becomes empty again.
                if (random.Next(100) < (step / 250 % 2 == 0 ? 75 : 25))
                {
                    var message = PreparedMessage.Binary(new byte[random.Next(5)]);
                    list.Enqueue(new QueuedMessage(message, 0));
                    model.Enqueue(message);
                }
                else if (model.TryDequeue(out var expected))
                {
                    ReferenceEquals(list.Peek().Message, expected).Should().BeTrue("seed {0}, step {1}", seed, step);
                    ReferenceEquals(list.Dequeue().Message, expected).Should().BeTrue("seed {0}, step {1}", seed, step);
                }

                if (list.Count != model.Count || list.TailNumber - list.HeadNumber != model.Count)
                    throw new InvalidOperationException($"seed {seed}, step {step}: {list.Count} instead of {model.Count}");
            }

            list.Bytes.Should().Be(model.Sum(message => message.Length));
        }
    }

    /// <summary>Thousands of clients, all of which have what one reader of a busy publisher brought: more than any pool holds.</summary>
    [Fact]
    public void Enqueue_SixteenToEachOfManyAgainAndAgain_AllocatesNothing()
    {
        var lists = new MessageList[10_000];
        var message = PreparedMessage.Binary(new byte[1]);
        FillAndEmpty(lists, message);
        FillAndEmpty(lists, message);

        var before = GC.GetAllocatedBytesForCurrentThread();
        FillAndEmpty(lists, message);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static void FillAndEmpty(MessageList[] lists, PreparedMessage message)
    {
        for (var i = 0; i < 16; i++)
        {
            foreach (ref var list in lists.AsSpan())
                list.Enqueue(new QueuedMessage(message, 0));
        }

        foreach (ref var list in lists.AsSpan())
        {
            while (list.Count > 0)
                list.Dequeue();
        }
    }

    [Fact]
    public void TakeAll_Many_LeavesAnEmptyListThatGoesOnCounting()
    {
        var list = default(MessageList);
        for (var i = 0; i < 200; i++)
            list.Enqueue(new QueuedMessage(PreparedMessage.Binary(new byte[1]), 0));

        var all = list.TakeAll();
        list.Enqueue(new QueuedMessage(PreparedMessage.Binary(new byte[2]), 0));

        (list.Count, list.Bytes, list.HeadNumber).Should().Be((1, 2, 200));
        (all.Count, all.Bytes).Should().Be((200, 200));
        while (all.Count > 0)
            all.Dequeue().Message.Length.Should().Be(1);
        list.Dequeue().Message.Length.Should().Be(2);
    }
}
