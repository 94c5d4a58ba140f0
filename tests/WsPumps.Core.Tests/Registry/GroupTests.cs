using System.Collections.Concurrent;
using System.Security.Claims;

namespace WsPumps.Core.Tests.Registry;

public class GroupTests
{
    private readonly LogRecorder _log = new();
    private readonly Broadcaster _broadcaster;

    public GroupTests() => _broadcaster = new Broadcaster(new Manager(new ManagerSettings { Logger = _log }));

    [Fact]
    public void Join_Registered_IsMemberOnce()
    {
        var client = Registered();

        _broadcaster.Join(client, "a").Should().BeTrue();
        _broadcaster.Join(client, "a").Should().BeFalse();

        _broadcaster.Group("a").Local.Should().Equal(client);
        _broadcaster.Group("a").Local.Count.Should().Be(1);
        _broadcaster.GroupsOf(client).Should().Equal("a");
        _broadcaster.GroupNames.Should().Equal("a");
    }

    [Fact]
    public void Leave_Member_EndsTheEmptyGroup()
    {
        var client = Registered();
        _broadcaster.Join(client, "a");

        _broadcaster.Leave(client, "a").Should().BeTrue();
        _broadcaster.Leave(client, "a").Should().BeFalse();

        _broadcaster.Group("a").Local.Should().BeEmpty();
        _broadcaster.GroupsOf(client).Should().BeEmpty();
        ShouldHaveNoGroups();
    }

    [Fact]
    public void Leave_NeverSeen_IsFalse()
    {
        _broadcaster.Leave(new RecordingClient(), "a").Should().BeFalse();
        _broadcaster.GroupsOf(new RecordingClient()).Should().BeEmpty();
    }

    [Fact]
    public void InGroup_KeptWhileMembersChange_IsLive()
    {
        var members = _broadcaster.Group("a").Local;
        members.Count.Should().Be(0);
        var client = Registered();

        _broadcaster.Join(client, "a");
        members.Should().Equal(client);

        _broadcaster.Manager.Unregister(client);
        members.Should().BeEmpty();
    }

    [Fact]
    public void Unregister_InManyGroups_LeavesAllOfThem()
    {
        var (client, other) = (Registered(), Registered());
        var groups = Enumerable.Range(0, 1_000).Select(i => $"{i}").ToList();
        groups.ForEach(group => _broadcaster.Join(client, group));
        _broadcaster.Join(other, "0");

        _broadcaster.GroupsOf(client).ToHashSet().SetEquals(groups).Should().BeTrue();
        _broadcaster.Manager.Unregister(client);

        _broadcaster.GroupsOf(client).Should().BeEmpty();
        _broadcaster.GroupNames.Should().Equal("0");
        _broadcaster.Group("0").Local.Should().Equal(other);
    }

    [Fact]
    public void Join_BeforeRegister_IsMemberAtOnceAndListedLater()
    {
        var client = new RecordingClient();

        _broadcaster.Join(client, "a").Should().BeTrue();

        _broadcaster.Group("a").Local.Should().Equal(client);
        _broadcaster.Manager.Clients.Should().BeEmpty();
        _broadcaster.Client(client.Id).Local.Should().BeEmpty();

        _broadcaster.Manager.Register(client);

        _broadcaster.Manager.Clients.Should().Equal(client);
        _broadcaster.GroupsOf(client).Should().Equal("a");
        _broadcaster.Client(client.Id).Local.Should().Equal(client);
    }

    [Fact]
    public async Task Join_NeverRegisteredAndEnds_IsForgotten()
    {
        var client = new RecordingClient();
        var left = new TaskCompletionSource<string>();
        _broadcaster.Left += it => left.SetResult(it.Group);
        _broadcaster.Join(client, "a");

        client.End();

        (await left.Task.InTime()).Should().Be("a");
        ShouldHaveNoGroups();
        _broadcaster.Invoking(it => it.Manager.Register(new RecordingClient { Id = client.Id })).Should().NotThrow();
    }

    [Fact]
    public void Unregister_NeverRegistered_LeavesItsGroups()
    {
        var client = new RecordingClient();
        _broadcaster.Join(client, "a");

        _broadcaster.Manager.Unregister(client);

        ShouldHaveNoGroups();
    }

    [Fact]
    public void Register_OtherClientHasJoinedUnderSameId_Throws()
    {
        _broadcaster.Join(new RecordingClient { Id = "x" }, "a");

        var register = () => _broadcaster.Manager.Register(new RecordingClient { Id = "x" });

        register.Should().Throw<ArgumentException>().WithMessage("*'x'*unique*").WithParameterName("client");
    }

    [Fact]
    public void Join_AfterTheEnd_IsFalseAndLeavesNothing()
    {
        var (registered, unregistered) = (Registered(), new RecordingClient());
        registered.End();
        unregistered.End();

        _broadcaster.Join(registered, "a").Should().BeFalse();
        _broadcaster.Join(unregistered, "a").Should().BeFalse();

        ShouldHaveNoGroups();
        _broadcaster.Manager.Register(new RecordingClient { Id = unregistered.Id });
    }

    [Fact]
    public void Join_UnregisteredBeforeItsEnd_IsFalseUntilRegisteredAgain()
    {
        var client = Registered();
        _broadcaster.Manager.Unregister(client);

        _broadcaster.Join(client, "a").Should().BeFalse();
        ShouldHaveNoGroups();

        _broadcaster.Manager.Register(client);
        _broadcaster.Join(client, "a").Should().BeTrue();
    }

    [Fact]
    public void Join_EndsMeanwhile_IsFalseAndLeavesNothing()
    {
        var registered = new WrappingClient(new RecordingClient()) { EndsAtLook = 2 };
        _broadcaster.Manager.Register(registered);
        _broadcaster.Join(registered, "a").Should().BeFalse();
        _broadcaster.Join(new WrappingClient(new RecordingClient()) { EndsAtLook = 2 }, "a").Should().BeFalse();

        ShouldHaveNoGroups();
        _broadcaster.GroupsOf(registered).Should().BeEmpty();
    }

    [Fact]
    public void JoinLeave_InnerClientOfRegisteredWrapper_MeansTheWrapper()
    {
        var inner = new RecordingClient();
        var wrapper = new WrappingClient(inner);
        _broadcaster.Manager.Register(wrapper);

        _broadcaster.Join(inner, "a").Should().BeTrue();
        _broadcaster.Join(wrapper, "a").Should().BeFalse();
        _broadcaster.Group("a").Local.Should().Equal(wrapper);
        _broadcaster.GroupsOf(inner).Should().Equal("a");

        _broadcaster.Leave(inner, "a").Should().BeTrue();
        ShouldHaveNoGroups();

        _broadcaster.Manager.Unregister(inner);
        _broadcaster.Manager.Clients.Should().Equal(wrapper);
    }

    [Fact]
    public void OfUser_ManyConnections_HasThemAllUntilTheLastLeaves()
    {
        var (first, second, other, nobody) = (Registered("ann"), Registered("ann"), Registered("bob"), Registered());

        _broadcaster.User("ann").Local.Should().Equal(first, second);
        _broadcaster.User("bob").Local.Should().Equal(other);
        _broadcaster.Manager.Clients.Should().Equal(first, second, other, nobody);

        _broadcaster.Manager.Unregister(first);
        _broadcaster.User("ann").Local.Should().Equal(second);
        _broadcaster.Manager.Unregister(second);
        _broadcaster.User("ann").Local.Should().BeEmpty();
    }

    [Fact]
    public void OfUser_NoIdentifierClaim_IsFoundByName()
    {
        var client = new RecordingClient { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ann")], "test")) };
        _broadcaster.Manager.Register(client);

        _broadcaster.User("ann").Local.Should().Equal(client);
    }

    [Fact]
    public void OfUser_OwnRule_IsFoundByIt()
    {
        var broadcaster = new Broadcaster(new Manager(new ManagerSettings { UserId = user => user.FindFirst("tenant")?.Value }));
        var client = new RecordingClient { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant", "t1")])) };
        broadcaster.Manager.Register(client);
        broadcaster.Manager.Register(new RecordingClient { User = new ClaimsPrincipal() });

        broadcaster.User("t1").Local.Should().Equal(client);
        broadcaster.Manager.Clients.Count.Should().Be(2);
    }

    [Fact]
    public void JoinedLeft_Subscribed_TellEachChangeOnceAndInOrder()
    {
        var told = Record(_broadcaster);
        var client = Registered();

        _broadcaster.Join(client, "a");
        _broadcaster.Join(client, "a");
        _broadcaster.Join(client, "b");
        _broadcaster.Leave(client, "a");
        _broadcaster.Leave(client, "a");
        _broadcaster.Manager.Unregister(client);
        _broadcaster.Manager.Unregister(client);
        client.End();
        _broadcaster.Join(client, "c");

        told.Should().Equal("+a", "+b", "-a", "-b");
    }

    [Fact]
    public async Task LeftJoined_LiveClientRegisteredAgainWhileLeftIsTold_AreToldInOrder()
    {
        var told = new ConcurrentQueue<string>();
        using var telling = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        _broadcaster.Left += it =>
        {
            telling.Set();
            goOn.Wait(Limit.Time);
            told.Enqueue("-" + it.Group);
        };
        _broadcaster.Joined += it => told.Enqueue("+" + it.Group);
        var client = Registered();
        _broadcaster.Join(client, "a");

        var leaving = Background.Run(() => _broadcaster.Manager.Unregister(client));
        telling.Wait(Limit.Time).Should().BeTrue();
        _broadcaster.Manager.Register(client);
        _broadcaster.Join(client, "b").Should().BeTrue();
        goOn.Set();
        await leaving.InTime();

        told.Should().Equal("+a", "-a", "+b");
    }

    [Fact]
    public void Joined_SubscriberThrows_IsLoggedAndOthersAreTold()
    {
        _broadcaster.Joined += _ => throw new InvalidOperationException("A subscriber's own fault.");
        var told = Record(_broadcaster);

        _broadcaster.Join(Registered(), "a").Should().BeTrue();

        told.Should().Equal("+a");
        _log.EventNames.Should().Equal("SubscriberFailed");
    }

    [Fact]
    public void Joined_SubscriberChangesMemberships_IsToldInOrder()
    {
        var told = Record(_broadcaster);
        _broadcaster.Joined += it =>
        {
            var client = it.Client;
            if (it.Group == "a")
            {
                _broadcaster.Join(client, "b");
                _broadcaster.Leave(client, "a");
                _broadcaster.GroupsOf(client).Should().Equal("b");
            }
        };

        _broadcaster.Join(Registered(), "a");

        told.Should().Equal("+a", "+b", "-a");
    }

    [Fact]
    public void Snapshot_Connections_TellsOfEach()
    {
        var clock = new ManualTimeProvider();
        var broadcaster = new Broadcaster(new Manager(new ManagerSettings { TimeProvider = clock }));
        var statistics = new ClientStatistics { ConnectedAt = clock.GetUtcNow() - TimeSpan.FromMinutes(1), QueuedMessages = 1, MessagesSent = 2 };
        var client = new RecordingClient { User = User("ann"), Statistics = statistics };
        var plain = new RecordingClient();
        broadcaster.Manager.Register(client);
        broadcaster.Manager.Register(plain);
        broadcaster.Join(client, "a");
        broadcaster.Join(new RecordingClient(), "a");

        broadcaster.All.Local.Snapshot().Should().BeEquivalentTo(
        [
            new ClientSnapshot { Id = client.Id, UserId = "ann", Groups = ["a"], Age = TimeSpan.FromMinutes(1), Statistics = statistics },
            new ClientSnapshot { Id = plain.Id },
        ]);
    }

    private static ClaimsPrincipal User(string id) => new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id)]));

    private static List<string> Record(Broadcaster broadcaster)
    {
        var told = new List<string>();
        broadcaster.Joined += it => told.Add("+" + it.Group);
        broadcaster.Left += it => told.Add("-" + it.Group);
        return told;
    }

    private RecordingClient Registered(string? user = null)
    {
        var client = new RecordingClient { User = user is null ? null : User(user) };
        _broadcaster.Manager.Register(client);
        return client;
    }

    private void ShouldHaveNoGroups()
    {
        _broadcaster.GroupNames.Should().BeEmpty();
        _broadcaster.GroupNames.Count.Should().Be(0);
    }
}
