using System.Collections.Concurrent;
using System.Security.Claims;

namespace WsPumps.Core.Tests.Registry;

public class GroupStressTests
{
    private const int GroupCount = 8;

    [Fact]
    public async Task JoinLeaveDisconnect_FromManyThreads_EndsEmptyWithEveryChangeTold()
    {
        var broadcaster = new Broadcaster(new Manager());
        var told = new ConcurrentDictionary<(IClient, string), int>();
        var disorder = 0;
        broadcaster.Joined += it => Count(it.Client, it.Group, +1);
        broadcaster.Left += it => Count(it.Client, it.Group, -1);
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "ann")]));
        var clients = Enumerable.Range(0, 4_000).Select(_ => new RecordingClient { User = user }).ToList();
        using var done = new CancellationTokenSource();
        var message = PreparedMessage.Text("x");
        var writing = Background.Repeat(() =>
        {
            broadcaster.Group("0").Write(message);
            _ = broadcaster.GroupNames.Sum(group => broadcaster.Group(group).Local.Sum(client => client.Id.Length));
            _ = broadcaster.All.Local.Snapshot().Count();
        }, done.Token);

        // Each client lives while others join it to groups and take it out again, before, during and after its connection.
        await Parallel.ForAsync(0, clients.Count * 4, (i, _) =>
        {
            var client = clients[i / 4];
            var random = new Random(i);
            switch (i % 4)
            {
                case 0:
                    broadcaster.Join(client, "0");
                    broadcaster.Manager.Register(client);
                    broadcaster.Join(client, $"{random.Next(GroupCount)}");
                    break;
                case 3:
                    client.End();
                    broadcaster.Manager.Unregister(client);
                    break;
                default:
                    for (var j = 0; j < 10; j++)
                    {
                        broadcaster.Join(client, $"{random.Next(GroupCount)}");
                        broadcaster.Leave(client, $"{random.Next(GroupCount)}");
                    }

                    break;
            }

            return ValueTask.CompletedTask;
        }).InTime();

        // A client may have been registered after its end; the endpoint never does that, and unregisters in any case.
        clients.ForEach(broadcaster.Manager.Unregister);
        await done.CancelAsync();
        await writing.InTime();

        broadcaster.Manager.Clients.Count.Should().Be(0);
        broadcaster.Manager.Clients.Should().BeEmpty();
        broadcaster.GroupNames.Should().BeEmpty();
        broadcaster.GroupNames.Count.Should().Be(0);
        broadcaster.User("ann").Local.Should().BeEmpty();
        clients.Should().OnlyContain(client => broadcaster.GroupsOf(client).Count == 0);
        disorder.Should().Be(0);
        told.Values.Should().OnlyContain(balance => balance == 0);

        void Count(IClient client, string group, int change)
        {
            var balance = told.AddOrUpdate((client, group), change, (_, balance) => balance + change);
            if (balance is < 0 or > 1)
                Interlocked.Increment(ref disorder);
        }
    }

    [Fact]
    public async Task JoinLeave_OneGroupEmptiedAllTheTime_LosesNoMember()
    {
        var broadcaster = new Broadcaster(new Manager());

        // Joining races with the end of the group that the other's leaving brings about.
        await Parallel.ForAsync(0, 8, (_, _) =>
        {
            var client = new RecordingClient();
            broadcaster.Manager.Register(client);
            for (var i = 0; i < 20_000; i++)
            {
                broadcaster.Join(client, "a").Should().BeTrue();
                if (i % 16 == 0)
                    broadcaster.Group("a").Local.Should().Contain(client);
                broadcaster.Leave(client, "a").Should().BeTrue();
            }

            return ValueTask.CompletedTask;
        }).InTime();

        broadcaster.GroupNames.Count.Should().Be(0);
        broadcaster.GroupNames.Should().BeEmpty();
    }

    [Fact]
    public async Task Register_SameIdFromManyThreads_OneWins()
    {
        for (var round = 0; round < 200; round++)
        {
            var manager = new Manager();
            var clients = Enumerable.Range(0, 4).Select(_ => new RecordingClient { Id = "x" }).ToArray();

            var outcomes = await Task.WhenAll(clients.Select(client => Task.Run(() =>
            {
                try
                {
                    manager.Register(client);
                    return true;
                }
                catch (ArgumentException)
                {
                    return false;
                }
            }))).InTime();

            outcomes.Count(won => won).Should().Be(1);
            manager.Clients.Should().ContainSingle().Which.Should().BeSameAs(clients[Array.IndexOf(outcomes, true)]);
        }
    }
}
