using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class RingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Dequeue_AfterMany_IsInOrder(int count)
    {
        var ring = default(Ring<PreparedMessage>);
        var messages = Enumerable.Range(0, count).Select(_ => PreparedMessage.Text("")).ToArray();
        foreach (var message in messages)
            ring.Enqueue(message);

        ring.Count.Should().Be(count);
        foreach (var message in messages)
        {
            ring.Peek().Should().BeSameAs(message);
            ring.Dequeue(out _).Should().BeSameAs(message);
        }

        ring.Count.Should().Be(0);
    }

    [Fact]
    public void Ring_UsedAtRandom_BehavesAsAQueue()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var ring = default(Ring<PreparedMessage>);
            var model = new Queue<PreparedMessage>();
            for (var step = 0; step < 500; step++)
            {
                // Waves, so that it grows, wraps around and becomes empty again.
                if (random.Next(100) < (step / 60 % 2 == 0 ? 75 : 25))
                {
                    var message = PreparedMessage.Text("");
                    ring.Enqueue(message);
                    model.Enqueue(message);
                }
                else if (model.TryDequeue(out var expected))
                {
                    ReferenceEquals(ring.Peek(), expected).Should().BeTrue("seed {0}, step {1}", seed, step);
                    ReferenceEquals(ring.Dequeue(out _), expected).Should().BeTrue("seed {0}, step {1}", seed, step);
                }

                ring.Count.Should().Be(model.Count);
            }
        }
    }

    [Fact]
    public void Indexer_SequenceOfAnItem_FindsItWhereverItHasMoved()
    {
        var ring = default(Ring<int>);
        var sequences = new Dictionary<int, long>();
        for (var item = 0; item < 100; item++)
        {
            sequences[item] = ring.Enqueue(item);
            if (item % 3 == 0)
            {
                var oldest = ring.Dequeue(out var sequence);
                sequence.Should().Be(sequences[oldest]);
                sequences.Remove(oldest);
            }
        }

        foreach (var (item, sequence) in sequences)
            ring[sequence].Should().Be(item);
    }
}
