using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

public sealed class LaneTests
{
    [Fact]
    public void Step_ClientsAdded_HaveTheirTurnsInOrder()
    {
        var (lane, turns) = (new Lane(0), new List<string>());
        Add(lane, Client("a", turns)).Should().BeTrue();
        foreach (var name in new[] { "b", "c" })
            Add(lane, Client(name, turns)).Should().BeFalse("it is running");

        while (lane.Step())
        {
        }

        turns.Should().Equal("a", "b", "c");
        Add(lane, Client("d", turns)).Should().BeTrue("it rests");
    }

    [Fact]
    public void Step_ClientHasMoreToDo_GoesBehindThoseThatCame()
    {
        var (lane, turns) = (new Lane(0), new List<string>());
        Add(lane, Client("busy", turns, turnsToTake: 3));
        lane.Step();
        Add(lane, Client("late", turns));
        while (lane.Step())
        {
        }

        turns.Should().Equal("busy", "busy", "late", "busy");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task ManyThreads_ManyLanes_NobodyIsForgottenAndNoneRunsBesideItself(int lanes)
    {
        const int clientsPerLane = 8;
        const int messages = 20_000;
        var all = new Lanes(lanes);
        var clients = Enumerable.Range(0, lanes * clientsPerLane).Select(_ => new Counting(all.Next())).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            var random = new Random(writer);
            for (var i = 0; i < messages; i++)
            {
                using (WakeUps.Gather())
                {
                    for (var j = random.Next(4); j >= 0; j--)
                        clients[random.Next(clients.Length)].Write();
                }
            }
        }))).InTime();

        foreach (var client in clients)
            await client.WhenDoneAsync().InTime();
        clients.Should().OnlyContain(client => !client.RanBesideItself);
    }

    /// <summary>Every order in which the atomic steps of two writers and of the lane can follow each other: beside a close, and beside a second client.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void EveryInterleaving_WritersAndTheLane_LosesNoWakeUp(bool closes, bool hasSecondClient) =>
        ExploreAll(closes, hasSecondClient, least: 100);

    [Trait("Category", "Stress")]
    [Fact]
    public void EveryInterleaving_WithACloseAndASecondClient_LosesNoWakeUp() => ExploreAll(closes: true, hasSecondClient: true, least: 10_000);

    private static void ExploreAll(bool closes, bool hasSecondClient, int least)
    {
        var runs = Interleavings.Explore(() => new WorldOfALane(closes, hasSecondClient), world => world.Check());

        runs.Should().BeGreaterThan(least);
    }

    private static bool Add(Lane lane, LaneClient client) => lane.TryAdd(client, client);

    private static Named Client(string name, List<string> turns, int turnsToTake = 1) => new(name, turns, turnsToTake);

    private sealed class Named(string name, List<string> turns, int turnsToTake) : LaneClient
    {
        private int _left = turnsToTake;

        public override void Wake() => throw new InvalidOperationException();

        public override bool TakeTurn(BatchBuilder batches)
        {
            turns.Add(name);
            return --_left > 0;
        }
    }

    /// <summary>A client with a counter for a queue: what is written must be taken.</summary>
    private sealed class Counting(Lane lane) : LaneClient
    {
        private readonly Lock _lock = new();
        private int _queued;
        private bool _awake;
        private int _inside;
        private TaskCompletionSource? _done;

        public bool RanBesideItself { get; private set; }

        public void Write()
        {
            lock (_lock)
            {
                _queued++;
                if (_awake)
                    return;
                _awake = true;
            }

            Wake();
        }

        public override void Wake() => WakeUps.Add(lane, this);

        public override bool TakeTurn(BatchBuilder batches)
        {
            RanBesideItself |= Interlocked.Increment(ref _inside) != 1;
            lock (_lock)
                _queued -= Math.Min(_queued, 3);
            Interlocked.Decrement(ref _inside);
            lock (_lock)
            {
                _awake = _queued > 0;
                if (!_awake)
                    _done?.TrySetResult();
                return _awake;
            }
        }

        public Task WhenDoneAsync()
        {
            lock (_lock)
            {
                _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (!_awake)
                    _done.SetResult();
                return _done.Task;
            }
        }
    }
}
