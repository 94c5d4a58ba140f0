using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class ObjectPoolTests
{
    [Fact]
    public void TryTake_MoreReturnedThanItKeeps_GivesEachOnceAndThenNone()
    {
        var pool = new ObjectPool<object>(perProcessor: 4);
        var returned = Enumerable.Range(0, 1000).Select(_ => new object()).ToHashSet();
        foreach (var item in returned)
            pool.Return(item);

        var taken = new List<object>();
        while (pool.TryTake() is { } item)
            taken.Add(item);

        taken.Should().OnlyHaveUniqueItems().And.BeSubsetOf(returned).And.HaveCountGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task TakeAndReturn_ManyThreads_NoObjectHasTwoOwners()
    {
        var pool = new ObjectPool<Owned>(perProcessor: 8);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                var item = pool.TryTake() ?? new Owned();
                if (Interlocked.Exchange(ref item.IsTaken, true))
                    throw new InvalidOperationException("It was taken twice.");
                Volatile.Write(ref item.IsTaken, false);
                pool.Return(item);
            }
        }))).InTime();
    }

    private sealed class Owned
    {
        public bool IsTaken;
    }
}
