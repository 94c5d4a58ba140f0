using System.Security.Claims;

namespace WsPumps.Core.Tests;

public class GroupTests
{
    private readonly RecordingLogger _log = new();
    private readonly Manager _manager;

    public GroupTests() => _manager = new Manager(new ManagerSettings { Logger = _log });

    [Fact]
    public void Join_Registered_IsMemberOnce()
    {
        var client = Registered();

        _manager.Join(client, "a").Should().BeTrue();
        _manager.Join(client, "a").Should().BeFalse();

        _manager.InGroup("a").Should().Equal(client);
        _manager.InGroup("a").Count.Should().Be(1);
        _manager.GroupsOf(client).Should().Equal("a");
        _manager.Groups.Should().Equal("a");
    }

    [Fact]
    public void Leave_Member_EndsTheEmptyGroup()
    {
        var client = Registered();
        _manager.Join(client, "a");

        _manager.Leave(client, "a").Should().BeTrue();
        _manager.Leave(client, "a").Should().BeFalse();

        _manager.InGroup("a").Should().BeEmpty();
        _manager.GroupsOf(client).Should().BeEmpty();
        ShouldHaveNoGroups();
    }

    [Fact]
    public void Leave_NeverSeen_IsFalse()
    {
        _manager.Leave(new FakeClient(), "a").Should().BeFalse();
        _manager.GroupsOf(new FakeClient()).Should().BeEmpty();
    }

    [Fact]
    public void InGroup_KeptWhileMembersChange_IsLive()
    {
        var members = _manager.InGroup("a");
        members.Count.Should().Be(0);
        var client = Registered();

        _manager.Join(client, "a");
        members.Should().Equal(client);

        _manager.Unregister(client);
        members.Should().BeEmpty();
    }

    [Fact]
    public void Unregister_InManyGroups_LeavesAllOfThem()
    {
        var (client, other) = (Registered(), Registered());
        var groups = Enumerable.Range(0, 1_000).Select(i => $"{i}").ToList();
        groups.ForEach(group => _manager.Join(client, group));
        _manager.Join(other, "0");

        _manager.GroupsOf(client).ToHashSet().SetEquals(groups).Should().BeTrue();
        _manager.Unregister(client);

        _manager.GroupsOf(client).Should().BeEmpty();
        _manager.Groups.Should().Equal("0");
        _manager.InGroup("0").Should().Equal(other);
    }

    [Fact]
    public void Join_BeforeRegister_IsMemberAtOnceAndListedLater()
    {
        var client = new FakeClient();

        _manager.Join(client, "a").Should().BeTrue();

        _manager.InGroup("a").Should().Equal(client);
        _manager.Clients.Should().BeEmpty();
        _manager.TryGet(client.Id, out _).Should().BeFalse();

        _manager.Register(client);

        _manager.Clients.Should().Equal(client);
        _manager.GroupsOf(client).Should().Equal("a");
        _manager.TryGet(client.Id, out var found).Should().BeTrue();
        found.Should().BeSameAs(client);
    }

    [Fact]
    public async Task Join_NeverRegisteredAndEnds_IsForgotten()
    {
        var client = new FakeClient();
        var left = new TaskCompletionSource<string>();
        _manager.Left += (_, group) => left.SetResult(group);
        _manager.Join(client, "a");

        client.End();

        (await left.Task.InTime()).Should().Be("a");
        ShouldHaveNoGroups();
        _manager.Invoking(manager => manager.Register(new FakeClient { Id = client.Id })).Should().NotThrow();
    }

    [Fact]
    public void Unregister_NeverRegistered_LeavesItsGroups()
    {
        var client = new FakeClient();
        _manager.Join(client, "a");

        _manager.Unregister(client);

        ShouldHaveNoGroups();
    }

    [Fact]
    public void Register_OtherClientHasJoinedUnderSameId_Throws()
    {
        _manager.Join(new FakeClient { Id = "x" }, "a");

        var register = () => _manager.Register(new FakeClient { Id = "x" });

        register.Should().Throw<ArgumentException>().WithMessage("*'x'*unique*").WithParameterName("client");
    }

    [Fact]
    public void Join_AfterTheEnd_IsFalseAndLeavesNothing()
    {
        var (registered, unregistered) = (Registered(), new FakeClient());
        registered.End();
        unregistered.End();

        _manager.Join(registered, "a").Should().BeFalse();
        _manager.Join(unregistered, "a").Should().BeFalse();

        ShouldHaveNoGroups();
        _manager.Register(new FakeClient { Id = unregistered.Id });
    }

    [Fact]
    public void Join_UnregisteredBeforeItsEnd_IsFalseUntilRegisteredAgain()
    {
        var client = Registered();
        _manager.Unregister(client);

        _manager.Join(client, "a").Should().BeFalse();
        ShouldHaveNoGroups();

        _manager.Register(client);
        _manager.Join(client, "a").Should().BeTrue();
    }

    [Fact]
    public void Join_EndsMeanwhile_IsFalseAndLeavesNothing()
    {
        var registered = new WrappingClient(new FakeClient()) { EndsAtLook = 2 };
        _manager.Register(registered);
        _manager.Join(registered, "a").Should().BeFalse();
        _manager.Join(new WrappingClient(new FakeClient()) { EndsAtLook = 2 }, "a").Should().BeFalse();

        ShouldHaveNoGroups();
        _manager.GroupsOf(registered).Should().BeEmpty();
    }

    [Fact]
    public void JoinLeave_InnerClientOfRegisteredWrapper_MeansTheWrapper()
    {
        var inner = new FakeClient();
        var wrapper = new WrappingClient(inner);
        _manager.Register(wrapper);

        _manager.Join(inner, "a").Should().BeTrue();
        _manager.Join(wrapper, "a").Should().BeFalse();
        _manager.InGroup("a").Should().Equal(wrapper);
        _manager.GroupsOf(inner).Should().Equal("a");

        _manager.Leave(inner, "a").Should().BeTrue();
        ShouldHaveNoGroups();

        _manager.Unregister(inner);
        _manager.Clients.Should().Equal(wrapper);
    }

    [Fact]
    public void OfUser_ManyConnections_HasThemAllUntilTheLastLeaves()
    {
        var (first, second, other, nobody) = (Registered("ann"), Registered("ann"), Registered("bob"), Registered());

        _manager.OfUser("ann").Should().Equal(first, second);
        _manager.OfUser("bob").Should().Equal(other);
        _manager.Clients.Should().Equal(first, second, other, nobody);

        _manager.Unregister(first);
        _manager.OfUser("ann").Should().Equal(second);
        _manager.Unregister(second);
        _manager.OfUser("ann").Should().BeEmpty();
    }

    [Fact]
    public void OfUser_NoIdentifierClaim_IsFoundByName()
    {
        var client = new FakeClient { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ann")], "test")) };
        _manager.Register(client);

        _manager.OfUser("ann").Should().Equal(client);
    }

    [Fact]
    public void OfUser_OwnRule_IsFoundByIt()
    {
        var manager = new Manager(new ManagerSettings { UserId = user => user.FindFirst("tenant")?.Value });
        var client = new FakeClient { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tenant", "t1")])) };
        manager.Register(client);
        manager.Register(new FakeClient { User = new ClaimsPrincipal() });

        manager.OfUser("t1").Should().Equal(client);
        manager.Clients.Count.Should().Be(2);
    }

    [Fact]
    public void JoinedLeft_Subscribed_TellEachChangeOnceAndInOrder()
    {
        var told = Record(_manager);
        var client = Registered();

        _manager.Join(client, "a");
        _manager.Join(client, "a");
        _manager.Join(client, "b");
        _manager.Leave(client, "a");
        _manager.Leave(client, "a");
        _manager.Unregister(client);
        _manager.Unregister(client);
        client.End();
        _manager.Join(client, "c");

        told.Should().Equal("+a", "+b", "-a", "-b");
    }

    [Fact]
    public void Joined_SubscriberThrows_IsLoggedAndOthersAreTold()
    {
        _manager.Joined += (_, _) => throw new InvalidOperationException("A subscriber's own fault.");
        var told = Record(_manager);

        _manager.Join(Registered(), "a").Should().BeTrue();

        told.Should().Equal("+a");
        _log.Events.Should().Equal("SubscriberFailed");
    }

    [Fact]
    public void Joined_SubscriberChangesMemberships_IsToldInOrder()
    {
        var told = Record(_manager);
        _manager.Joined += (client, group) =>
        {
            if (group == "a")
            {
                _manager.Join(client, "b");
                _manager.Leave(client, "a");
                _manager.GroupsOf(client).Should().Equal("b");
            }
        };

        _manager.Join(Registered(), "a");

        told.Should().Equal("+a", "+b", "-a");
    }

    [Fact]
    public void Snapshot_Connections_TellsOfEach()
    {
        var clock = new ManualTimeProvider();
        var manager = new Manager(new ManagerSettings { TimeProvider = clock });
        var statistics = new ClientStatistics { ConnectedAt = clock.GetUtcNow() - TimeSpan.FromMinutes(1), QueuedMessages = 1, MessagesSent = 2 };
        var client = new FakeClient { User = User("ann"), Statistics = statistics };
        var plain = new FakeClient();
        manager.Register(client);
        manager.Register(plain);
        manager.Join(client, "a");
        manager.Join(new FakeClient(), "a");

        manager.Snapshot().Should().BeEquivalentTo(
        [
            new ClientSnapshot { Id = client.Id, UserId = "ann", Groups = ["a"], Age = TimeSpan.FromMinutes(1), Statistics = statistics },
            new ClientSnapshot { Id = plain.Id },
        ]);
    }

    private static ClaimsPrincipal User(string id) => new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id)]));

    private static List<string> Record(Manager manager)
    {
        var told = new List<string>();
        manager.Joined += (_, group) => told.Add("+" + group);
        manager.Left += (_, group) => told.Add("-" + group);
        return told;
    }

    private FakeClient Registered(string? user = null)
    {
        var client = new FakeClient { User = user is null ? null : User(user) };
        _manager.Register(client);
        return client;
    }

    private void ShouldHaveNoGroups()
    {
        _manager.Groups.Should().BeEmpty();
        _manager.Groups.Count.Should().Be(0);
    }
}
