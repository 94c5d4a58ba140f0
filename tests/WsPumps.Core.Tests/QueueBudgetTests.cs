using System.Diagnostics;
using WsPumps.Core.Tests.Outbound;

namespace WsPumps.Core.Tests;

public class QueueBudgetTests
{
    [Fact]
    public async Task Relieve_Passed_TheFurthestBehindGivesWay()
    {
        var budget = new QueueBudget(100);
        using var small = new QueueOnly(options => options.SlowClientPolicy = SlowClientPolicy.DropOldest, budget: budget);
        using var large = new QueueOnly(options => options.SlowClientPolicy = SlowClientPolicy.DropOldest, budget: budget);
        // In this order: the first one is further behind.
        await large.StallAsync();
        await small.StallAsync();

        for (var i = 0; i < 8; i++)
            large.Client.Write("1234567890");
        small.Client.Write("1234567890");
        small.Client.Write("1234567890");
        budget.QueuedBytes.Should().Be(100);
        small.Client.Write("1");

        small.Client.Statistics.QueuedMessages.Should().Be(4, "the first one is still being written");
        large.Client.Statistics.QueuedMessages.Should().Be(7);
        large.Dropped.Should().AllSatisfy(drop => drop.Reason.Should().Be(DropReason.OverBudget)).And.HaveCount(2);
        budget.QueuedBytes.Should().Be(81);
    }

    [Fact]
    public async Task Relieve_Passed_ClientThatMayLoseNothingIsDisconnected()
    {
        var budget = new QueueBudget(100);
        using var small = new QueueOnly(budget: budget);
        using var large = new QueueOnly(budget: budget);
        // In this order: the first one is further behind.
        await large.StallAsync();
        await small.StallAsync();

        for (var i = 0; i < 9; i++)
            large.Client.Write("1234567890");
        small.Client.Write("1234567890");
        small.Client.Write("1");

        large.Client.Write("x").Should().Be(WriteResult.Closed);
        small.Client.Statistics.QueuedMessages.Should().Be(3);
        budget.QueuedBytes.Should().Be(11);
        small.Client.Abort();
        budget.QueuedBytes.Should().Be(0);
    }

    [Fact]
    public void Budget_NotPositive_Throws()
    {
        FluentActions.Invoking(() => new QueueBudget(0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>Who is behind gives way, and not who happens to hold the most at the moment.</summary>
    [Fact]
    public void Relieve_StalledAndHealthyClientsWithEqualQueues_HealthyOnesLoseNothing()
    {
        var budget = new QueueBudget(100_000);
        var stalled = Enumerable.Range(0, 300).Select(_ => Queues.Create(1000, 1 << 20, SlowClientPolicy.DropOldest, budget: budget)).ToArray();
        var healthy = Enumerable.Range(0, 50).Select(_ => Queues.Create(1000, 1 << 20, SlowClientPolicy.DropOldest, budget: budget)).ToArray();
        var pumps = healthy.Select(queue => new TestPump(queue)).ToArray();
        var message = PreparedMessage.Binary(new byte[100]);
        for (var round = 0; round < 100; round++)
        {
            foreach (var queue in stalled.Concat(healthy))
                queue.Write(message).Should().Be(WriteResult.Queued);
            foreach (var pump in pumps)
                pump.ReadAll();
            budget.QueuedBytes.Should().BeLessThanOrEqualTo(100_000);
        }

        healthy.Sum(queue => queue.Counters().MessagesDropped).Should().Be(0);
        stalled.Sum(queue => queue.Counters().MessagesDropped).Should().BePositive();
    }

    /// <summary>A waiting caller's message is held as well.</summary>
    [Fact]
    public async Task Charge_CallersWaitForRoom_TheirBytesCount()
    {
        var budget = new QueueBudget(1_000_000);
        var queue = Queues.Create(2, 1 << 20, budget: budget);
        var waiting = Enumerable.Range(0, 10).Select(_ => queue.WriteAsync(PreparedMessage.Binary(new byte[100]), default).AsTask()).ToArray();

        budget.QueuedBytes.Should().Be(1000);
        queue.Complete(discard: true);
        budget.QueuedBytes.Should().Be(0);
        (await Task.WhenAll(waiting).InTime()).Should().Contain(WriteResult.Closed);
    }

    [Fact]
    public void Relieve_OnlyNewestValuesOfKeysAreLeft_DisconnectsInsteadOfLosingThem()
    {
        var budget = new QueueBudget(1000);
        var queue = Queues.Create(100, 1 << 20, SlowClientPolicy.Conflate, budget: budget);
        for (var key = 0; key < 11; key++)
            queue.Write(PreparedMessage.Binary(new byte[100]).With(new MessageOptions { ConflationKey = $"{key}" }));

        queue.Counters().MessagesDropped.Should().Be(0);
        queue.Counters().MessagesUnsent.Should().Be(11);
        budget.QueuedBytes.Should().Be(0);
    }

    /// <summary>What one write costs where the budget is passed must not grow with the number of clients: here 100,000 whose queues are all the same.</summary>
    [Fact]
    public void Relieve_HundredThousandEqualQueues_IsCheap()
    {
        const int clients = 100_000;
        var budget = new QueueBudget(clients * 100L);
        var queues = Enumerable.Range(0, clients).Select(_ => Queues.Create(1000, 1 << 20, SlowClientPolicy.DropOldest, budget: budget)).ToArray();
        var message = PreparedMessage.Binary(new byte[100]);
        foreach (var queue in queues)
            queue.Write(message);

        // Three times over: a tenth is made room for about thirty times, with ten thousand clients each.
        var startedAt = Stopwatch.GetTimestamp();
        for (var round = 0; round < 3; round++)
        {
            foreach (var queue in queues)
                queue.Write(message);
        }

        budget.QueuedBytes.Should().BeLessThanOrEqualTo(clients * 100L);
        // Looking at all for each victim took minutes.
        Stopwatch.GetElapsedTime(startedAt).Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Unwatch_ManyClientsCameAndWent_NothingIsLeft()
    {
        var budget = new QueueBudget(1_000_000);
        var gone = Enumerable.Range(0, 1000).Select(_ => Come()).ToArray();
        GC.Collect();
        gone.Count(queue => queue.IsAlive).Should().BeLessThan(10);

        WeakReference Come()
        {
            var queue = Queues.Create(10, 1000, budget: budget);
            queue.Write(PreparedMessage.Binary(new byte[10]));
            queue.End();
            return new WeakReference(queue);
        }
    }
}
