using System.Security.Claims;

namespace WsPumps.Core.Tests;

/// <summary>
/// Every method of the manager, called from every callback. On another thread that the callback waits for: a lock that is held
/// while user code runs would let the thread that holds it through.
/// </summary>
public class ReentrancyTests
{
    private readonly Broadcaster _broadcaster;
    private readonly RecordingClient _client = new() { EndsWhenClosed = false, User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "ann")])) };
    private Action _onUserId = () => { };
    private int _calls;

    public ReentrancyTests() => _broadcaster = new Broadcaster(new Manager(new ManagerSettings
    {
        UserId = _ =>
        {
            _onUserId();
            return "ann";
        },
    }));

    [Fact]
    public void Joined_CallsEverything_Goes()
    {
        _broadcaster.Manager.Register(_client);
        _broadcaster.Joined += _ => CallEverything();

        _broadcaster.Join(_client, "a").Should().BeTrue();

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Left_CallsEverything_Goes()
    {
        _broadcaster.Manager.Register(_client);
        _broadcaster.Left += _ => CallEverything();
        _broadcaster.Join(_client, "a");
        _broadcaster.Join(_client, "b");

        _broadcaster.Leave(_client, "a");
        _broadcaster.Manager.Unregister(_client);

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void UserId_CallsEverything_Goes()
    {
        _onUserId = CallEverything;

        _broadcaster.Manager.Register(_client);

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Write_CallsEverything_Goes()
    {
        _broadcaster.Manager.Register(_client);
        _broadcaster.Join(_client, "a");
        _client.OnWrite = _ => CallEverything();

        _broadcaster.Group("a").Write("x").Queued.Should().BeGreaterThan(0);

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Predicate_CallsEverything_Goes()
    {
        _broadcaster.Manager.Register(_client);

        _broadcaster.All.Local.Where(_ =>
        {
            CallEverything();
            return true;
        }).Write("x");

        ShouldHaveBeenCalled();
    }

    [Fact]
    public void Enumeration_CallsEverything_Goes()
    {
        _broadcaster.Manager.Register(_client);

        foreach (var _ in _broadcaster.Manager.Clients)
            CallEverything();
        foreach (var _ in _broadcaster.All.Local.Snapshot())
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
            var other = new RecordingClient { EndsWhenClosed = false, User = _client.User };
            _broadcaster.Join(other, "a");
            _broadcaster.Manager.Register(other);
            foreach (var client in new[] { other, _client })
            {
                _broadcaster.Manager.Register(client);
                _broadcaster.Join(client, "a");
                _broadcaster.Join(client, "other");
                _broadcaster.Leave(client, "a");
                _broadcaster.GroupsOf(client);
                _ = _broadcaster.Client(client.Id).Local.Count;
            }

            _ = _broadcaster.Manager.Clients.Count + _broadcaster.GroupNames.Count + _broadcaster.Group("other").Local.Count + _broadcaster.User("ann").Local.Count;
            _ = _broadcaster.All.Local.Snapshot().Count();
            _broadcaster.Group("other").Except(_client).Write("x");
            _broadcaster.User("ann").Local.Where(client => client == other).Close();
            _broadcaster.Client(other.Id).Abort();
            foreach (var client in new[] { other, _client })
                _broadcaster.Manager.Unregister(client);
        }).Wait(Limit.Time).Should().BeTrue("no lock may be held while user code runs");
    }
}
