using WsPumps.Registry;

namespace WsPumps.Core.Tests.Registry;

public class SeatListTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AddRemove_Random_IsTheModelInOrder(int seed)
    {
        var random = new Random(seed);
        var list = new SeatList();
        var model = new List<Seat>();
        for (var step = 0; step < 20_000; step++)
        {
            // Phases that grow and phases that shrink, so that the seats move together both ways.
            if (random.Next(100) < (step / 2_000 % 2 == 0 ? 70 : 30) || model.Count == 0)
            {
                var seat = NewSeat();
                list.Add(seat);
                model.Add(seat);
            }
            else
            {
                var at = random.Next(model.Count);
                list.Remove(model[at]);
                model.RemoveAt(at);
            }

            list.Count.Should().Be(model.Count);
            if (step % 97 == 0)
                All(list).Should().Equal(model);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Enumeration_ChangedMeanwhile_SeesWhoStaysOnceAndNobodyTwice(int seed)
    {
        var random = new Random(seed);
        var list = new SeatList();
        var staying = Fill(list, 200);
        var coming = Fill(list, 200);
        Shuffle(random, list, coming);

        var seen = new List<Seat>();
        foreach (var seat in list)
        {
            seen.Add(seat);
            for (var i = 0; i < 5; i++)
            {
                // Never one that was there before: who comes back may be seen again.
                var at = random.Next(coming.Count);
                list.Remove(coming[at]);
                list.Add(coming[at] = NewSeat());
            }
        }

        seen.Should().OnlyHaveUniqueItems();
        seen.Should().Contain(staying);
    }

    [Fact]
    public void Enumeration_AllLeaveMeanwhile_Ends()
    {
        var list = new SeatList();
        var seats = Fill(list, 1_000);
        var enumerator = list.GetEnumerator();
        enumerator.MoveNext().Should().BeTrue();

        seats.ForEach(list.Remove);

        while (enumerator.MoveNext())
        {
        }

        All(list).Should().BeEmpty();
        list.Count.Should().Be(0);
    }

    [Fact]
    public void Remove_Twice_IsHarmless()
    {
        var list = new SeatList();
        var seats = Fill(list, 2);

        list.Remove(seats[0]);
        list.Remove(seats[0]);

        All(list).Should().Equal(seats[1]);
        list.Count.Should().Be(1);
    }

    [Fact]
    public void Add_AfterRemove_TakesTheSeatBack()
    {
        var list = new SeatList();
        var seat = Fill(list, 1)[0];

        list.Remove(seat);
        list.Add(seat);

        All(list).Should().Equal(seat);
    }

    [Fact]
    public async Task Enumeration_FromManyThreadsDuringChanges_AlwaysSeesWhoStays()
    {
        var list = new SeatList();
        var staying = Fill(list, 50).ToHashSet();
        using var done = new CancellationTokenSource();
        var enumerating = Enumerable.Range(0, 2).Select(_ => Background.Repeat(() =>
        {
            var seen = All(list);
            seen.Count(staying.Contains).Should().Be(staying.Count);
            seen.ToHashSet().Count.Should().Be(seen.Count, "nobody is seen twice");
        }, done.Token)).ToArray();

        await Parallel.ForAsync(0, 20_000, (i, _) =>
        {
            var seats = Fill(list, i % 20);
            seats.ForEach(list.Remove);
            return ValueTask.CompletedTask;
        }).InTime();
        await done.CancelAsync();
        await Task.WhenAll(enumerating).InTime();

        list.Count.Should().Be(50);
        All(list).ToHashSet().SetEquals(staying).Should().BeTrue();
    }

    private static TestSeat NewSeat() => new(new FakeClient { Id = "" });

    private static List<Seat> Fill(SeatList list, int count)
    {
        var seats = Enumerable.Range(0, count).Select(Seat (_) => NewSeat()).ToList();
        seats.ForEach(list.Add);
        return seats;
    }

    private static void Shuffle(Random random, SeatList list, List<Seat> seats)
    {
        foreach (var seat in seats.OrderBy(_ => random.Next()))
        {
            list.Remove(seat);
            list.Add(seat);
        }
    }

    private static List<Seat> All(SeatList list)
    {
        var seats = new List<Seat>();
        foreach (var seat in list)
            seats.Add(seat);
        return seats;
    }

    private sealed class TestSeat(IClient client) : Seat(client);
}
