using WsPumps.Registry;

namespace WsPumps.Core.Tests.Registry;

public class ClientListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AddRemove_Random_IsTheModelInOrder(int seed)
    {
        var random = new Random(seed);
        var list = new ClientList();
        var model = new List<ListedClient>();
        for (var step = 0; step < 20_000; step++)
        {
            // Phases that grow and phases that shrink, so that the items move together both ways.
            if (random.Next(100) < (step / 2_000 % 2 == 0 ? 70 : 30) || model.Count == 0)
            {
                var item = NewItem();
                list.Add(item);
                model.Add(item);
            }
            else
            {
                var at = random.Next(model.Count);
                list.Remove(model[at]);
                model.RemoveAt(at);
            }

            list.Count.Should().Be(model.Count);
            if (step % 97 == 0)
                All(list).Should().Equal(model.Select(item => item.Client));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Enumeration_ChangedMeanwhile_SeesWhoStaysOnceAndNobodyTwice(int seed)
    {
        var random = new Random(seed);
        var list = new ClientList();
        var staying = Fill(list, 200);
        var coming = Fill(list, 200);
        Shuffle(random, list, coming);

        var seen = new List<IClient>();
        foreach (var client in list)
        {
            seen.Add(client);
            for (var i = 0; i < 5; i++)
            {
                // Never one that was there before: who comes back may be seen again.
                var at = random.Next(coming.Count);
                list.Remove(coming[at]);
                list.Add(coming[at] = NewItem());
            }
        }

        seen.Should().OnlyHaveUniqueItems();
        seen.Should().Contain(staying.Select(item => item.Client));
    }

    [Fact]
    public void Enumeration_AllLeaveMeanwhile_Ends()
    {
        var list = new ClientList();
        var items = Fill(list, 1_000);
        var enumerator = list.GetEnumerator();
        enumerator.MoveNext().Should().BeTrue();

        items.ForEach(list.Remove);

        while (enumerator.MoveNext())
        {
        }

        All(list).Should().BeEmpty();
        list.Count.Should().Be(0);
    }

    [Fact]
    public void Remove_Twice_IsHarmless()
    {
        var list = new ClientList();
        var items = Fill(list, 2);

        list.Remove(items[0]);
        list.Remove(items[0]);

        All(list).Should().Equal(items[1].Client);
        list.Count.Should().Be(1);
    }

    [Fact]
    public void Add_AfterRemove_TakesItBack()
    {
        var list = new ClientList();
        var item = Fill(list, 1)[0];

        list.Remove(item);
        list.Add(item);

        All(list).Should().Equal(item.Client);
    }

    [Fact]
    public async Task Enumeration_FromManyThreadsDuringChanges_AlwaysSeesWhoStays()
    {
        var list = new ClientList();
        var staying = Fill(list, 50).Select(item => item.Client).ToHashSet();
        using var done = new CancellationTokenSource();
        var enumerating = Enumerable.Range(0, 2).Select(_ => Background.Repeat(() =>
        {
            var seen = All(list);
            seen.Count(staying.Contains).Should().Be(staying.Count);
            seen.ToHashSet().Count.Should().Be(seen.Count, "nobody is seen twice");
        }, done.Token)).ToArray();

        await Parallel.ForAsync(0, 5000, (i, _) =>
        {
            var items = Fill(list, i % 20);
            items.ForEach(list.Remove);
            return ValueTask.CompletedTask;
        }).InTime();
        await done.CancelAsync();
        await Task.WhenAll(enumerating).InTime();

        list.Count.Should().Be(50);
        All(list).ToHashSet().SetEquals(staying).Should().BeTrue();
    }

    private static TestItem NewItem() => new(new RecordingClient { Id = "" });

    private static List<ListedClient> Fill(ClientList list, int count)
    {
        var items = Enumerable.Range(0, count).Select(ListedClient (_) => NewItem()).ToList();
        items.ForEach(list.Add);
        return items;
    }

    private static void Shuffle(Random random, ClientList list, List<ListedClient> items)
    {
        foreach (var item in items.OrderBy(_ => random.Next()))
        {
            list.Remove(item);
            list.Add(item);
        }
    }

    private static List<IClient> All(ClientList list)
    {
        var clients = new List<IClient>();
        foreach (var client in list)
            clients.Add(client);
        return clients;
    }

    private sealed class TestItem(IClient client) : ListedClient(client);
}
