using BenchmarkDotNet.Attributes;
using WsPumps.Benchmarks.InMemory;

namespace WsPumps.Benchmarks;

/// <summary>100,000 clients, each a member of ten groups.</summary>
[MemoryDiagnoser]
public class GroupBenchmarks
{
    private const int Clients = 100_000;
    private const int GroupsEach = 10;

    private readonly Broadcaster _broadcaster = new(new Manager());
    private readonly PreparedMessage _message = PreparedMessage.Binary(new byte[128]);
    private FakeClient[] _clients = null!;
    private string[] _groups = null!;
    private int _next;

    /// <summary>How many groups there are: of 1,000 members each, or of ten.</summary>
    [Params(1_000, 100_000)]
    public int Groups { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _groups = [.. Enumerable.Range(0, Groups + 1).Select(number => $"group-{number}")];
        _clients = [.. Enumerable.Range(0, Clients).Select(number => new FakeClient(number))];
        for (var i = 0; i < Clients; i++)
        {
            _broadcaster.Manager.Register(_clients[i]);
            for (var j = 0; j < GroupsEach; j++)
                _broadcaster.Join(_clients[i], _groups[(i + (j * (Groups / GroupsEach))) % Groups]);
        }
    }

    /// <summary>Into a group that nobody else is in for long, and out of it: the group is made and ended as well.</summary>
    [Benchmark]
    public void JoinAndLeaveAlone()
    {
        var client = _clients[_next = (_next + 7919) % Clients];
        _broadcaster.Join(client, _groups[Groups]);
        _broadcaster.Leave(client, _groups[Groups]);
    }

    /// <summary>Out of a group with other members, and into it again.</summary>
    [Benchmark]
    public void LeaveAndJoin()
    {
        _next = (_next + 7919) % Clients;
        _broadcaster.Leave(_clients[_next], _groups[_next % Groups]);
        _broadcaster.Join(_clients[_next], _groups[_next % Groups]);
    }

    /// <summary>To all members of one group, and nobody else is looked at.</summary>
    [Benchmark]
    public BroadcastResult WriteToGroup() => _broadcaster.Group(_groups[0]).Write(_message);
}
