using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class KeyTableTests
{
    /// <summary>A larger table is asked for and comes late, or not at all: what is there is found in any case.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(int.MaxValue)]
    public void Table_UsedAtRandom_FindsWhatIsThereAndNothingElse(int growsOneTimeIn)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var table = new KeyTable();
            var model = new Dictionary<MessageKey, KeyedMessage>();
            for (var step = 0; step < 3000; step++)
            {
                // Few hashes, so that many keys have the same.
                var number = random.Next(1000);
                var key = new MessageKey($"{number}", (number % 300) * 7919);
                table.Find(key).Should().BeSameAs(model.GetValueOrDefault(key), "seed {0}, step {1}", seed, step);
                if (model.Remove(key, out var known))
                    table.Remove(known);
                else
                    table.Add(model[key] = new KeyedMessage { Key = key });

                if (table.WantedLength > 0 && random.Next(growsOneTimeIn) == 0)
                    table.Grow(new KeyedMessage?[table.WantedLength]);
                table.Count.Should().Be(model.Count);
            }

            foreach (var (key, entry) in model)
                table.Find(key).Should().BeSameAs(entry);
        }
    }

    /// <summary>It is used under a lock: whatever grows is made by others.</summary>
    [Fact]
    public void Add_TenThousandKeys_AllocatesNothing()
    {
        var entries = Enumerable.Range(0, 10_000).Select(i => new KeyedMessage { Key = new MessageKey($"{i}", i) }).ToArray();
        var table = new KeyTable();
        table.Add(new KeyedMessage { Key = new MessageKey("first", -1) });

        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var entry in entries)
            table.Add(entry);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        table.WantedLength.Should().Be(32);
    }

    /// <summary>Not all keys move at once, which would take the longer the more there are; but all have moved before more room is asked for.</summary>
    [Fact]
    public void Grow_AgainAndAgain_AsksForTwiceAsMuchWhenItIsFull()
    {
        var table = new KeyTable();
        var asked = new List<int>();
        for (var i = 0; i < 1000; i++)
        {
            table.Add(new KeyedMessage { Key = new MessageKey($"{i}", i * 31) });
            if (table.WantedLength is var length and > 0)
            {
                asked.Add(length);
                table.Count.Should().Be((length / 2) + 1);
                table.Grow(new KeyedMessage?[length]);
                table.WantedLength.Should().Be(0);
                table.Grow(new KeyedMessage?[length]);
            }
        }

        asked.Should().Equal(32, 64, 128, 256, 512, 1024);
        Enumerable.Range(0, 1000).Should().OnlyContain(i => table.Find(new MessageKey($"{i}", i * 31)) != null);
    }
}
