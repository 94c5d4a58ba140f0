using System.Collections.Concurrent;

namespace WsPumps.Testing;

/// <summary>
/// Connects backplanes in memory, as a server such as Redis would: what one of them publishes reaches all that are interested, including
/// itself.
/// </summary>
/// <remarks>Safe for concurrent use. A <see cref="VirtualTime"/> waits for messages that are on their way.</remarks>
/// <param name="time">The clock of the delays and of <see cref="BackplaneStatus.Since"/>. Default (null): the clock of the system.</param>
public sealed class TestBackplaneNetwork(TimeProvider? time = null)
{
    private readonly ConcurrentDictionary<TestBackplane, bool> _backplanes = new();
    private readonly ConcurrentDictionary<(TestBackplane From, TestBackplane To), bool> _cuts = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Creates a backplane for one more server, to be passed to <see cref="Cluster"/>.</summary>
    /// <param name="connected">Whether it connects when it is started; otherwise <see cref="TestBackplane.Connect"/> connects it.</param>
    public TestBackplane Add(bool connected = true)
    {
        var backplane = new TestBackplane(this, _time, connected);
        _backplanes.TryAdd(backplane, true);
        return backplane;
    }

    /// <summary>Stops all traffic between two backplanes, in both directions, while both believe that they are connected.</summary>
    public void Cut(TestBackplane one, TestBackplane other)
    {
        _cuts.TryAdd((one, other), true);
        _cuts.TryAdd((other, one), true);
    }

    /// <summary>Partitions the network: stops all traffic between these backplanes and all others.</summary>
    public void Partition(params IEnumerable<TestBackplane> side)
    {
        var inside = side.ToHashSet();
        foreach (var one in inside)
        {
            foreach (var other in _backplanes.Keys.Where(other => !inside.Contains(other)))
                Cut(one, other);
        }
    }

    /// <summary>Lets all traffic pass again. What was published in the meantime is lost.</summary>
    public void Heal() => _cuts.Clear();

    internal void Publish(TestBackplane from, string channel, ReadOnlyMemory<byte> data)
    {
        foreach (var to in _backplanes.Keys)
        {
            if (!_cuts.ContainsKey((from, to)))
                to.Arrive(channel, data);
        }
    }

    internal void Remove(TestBackplane backplane) => _backplanes.TryRemove(backplane, out _);
}
