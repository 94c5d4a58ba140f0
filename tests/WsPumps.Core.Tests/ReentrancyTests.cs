using System.Security.Claims;

namespace WsPumps.Core.Tests;

/// <summary>
/// Every method of the manager, called from every callback. On another thread that the callback waits for: a lock that is held
/// while user code runs would let the thread that holds it through.
/// </summary>
public class ReentrancyTests
{
    private readonly Broadcaster _broadcaster;
    private readonly FakeClient _client = new() { User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "ann")])) };
    private Action _onUserId = () => { };
    private int _calls;

    public ReentrancyTests() => _broadcaster = new Broadcaster(new ManagerSettings
    {
        UserId = _ =>
        {
            _onUserId();
            return "ann";
        },
    });

    [Fact]
    public void Joined_CallsEverything_Goes()
    {
        _broadcaster.Register(_client);
        _broadcaster.Joined += (_, _) => CallEverything();

        _broadcaster.Join(_client, "a").Should().BeTrue();

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Left_CallsEverything_Goes()
    {
        _broadcaster.Register(_client);
        _broadcaster.Left += (_, _) => CallEverything();
        _broadcaster.Join(_client, "a");
        _broadcaster.Join(_client, "b");

        _broadcaster.Leave(_client, "a");
        _broadcaster.Unregister(_client);

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void UserId_CallsEverything_Goes()
    {
        _onUserId = CallEverything;

        _broadcaster.Register(_client);

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Write_CallsEverything_Goes()
    {
        _broadcaster.Register(_client);
        _broadcaster.Join(_client, "a");
        _client.OnWrite = _ => CallEverything();

        _broadcaster.Group("a").Write("x").Queued.Should().BeGreaterThan(0);

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Predicate_CallsEverything_Goes()
    {
        _broadcaster.Register(_client);

        _broadcaster.Where(_ =>
        {
            CallEverything();
            return true;
        }).Write("x");

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Enumeration_CallsEverything_Goes()
    {
        _broadcaster.Register(_client);

        foreach (var _ in _broadcaster.Clients)
            CallEverything();
        foreach (var _ in _broadcaster.Snapshot())
            CallEverything();

        ShouldHaveBeenCalled();
    }

    private void ShouldHaveBeenCalled() => _calls.Should().BePositive();

    private void CallEverything()
    {
        // Each call makes callbacks of its own: these end the chain.
        if (Interlocked.Increment(ref _calls) > 4)
            return;

        Background.Run(() =>
        {
            var other = new FakeClient { User = _client.User };
            _broadcaster.Join(other, "a");
            _broadcaster.Register(other);
            foreach (var client in new[] { other, _client })
            {
                _broadcaster.Register(client);
                _broadcaster.Join(client, "a");
                _broadcaster.Join(client, "other");
                _broadcaster.Leave(client, "a");
                _broadcaster.GroupsOf(client);
                _broadcaster.TryGet(client.Id, out _);
            }

            _ = _broadcaster.Clients.Count + _broadcaster.Groups.Count + _broadcaster.InGroup("other").Count + _broadcaster.OfUser("ann").Count;
            _ = _broadcaster.Snapshot().Count();
            _broadcaster.Group("other").Except(_client).Write("x");
            _broadcaster.User("ann").Where(client => client == other).Close();
            _broadcaster.Client(other.Id).Abort();
            foreach (var client in new[] { other, _client })
                _broadcaster.Unregister(client);
        }).Wait(Limit.Time).Should().BeTrue("no lock may be held while user code runs");
    }
}
