using System.Collections.Concurrent;

namespace WsPumps.Testing;

/// <summary>
/// Connects backplanes in memory, as a server such as Redis would: what one of them publishes reaches all that are interested, itself
/// among them.
/// </summary>
/// <remarks>Safe for concurrent use. What is on its way is work that a <see cref="VirtualTime"/> waits for.</remarks>
/// <param name="time">The clock of the delays and of <see cref="BackplaneStatus.Since"/>. Default (null): the system's.</param>
public sealed class TestBackplaneNetwork(TimeProvider? time = null)
{
    private readonly ConcurrentDictionary<TestBackplane, bool> _backplanes = new();
    private readonly ConcurrentDictionary<(TestBackplane From, TestBackplane To), bool> _cuts = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>A backplane for one more server, to be given to <see cref="Cluster"/>.</summary>
    /// <param name="connected">Whether it connects when it is started; else with <see cref="TestBackplane.Connect"/>.</param>
    public TestBackplane Add(bool connected = true)
    {
        var backplane = new TestBackplane(this, _time, connected);
        _backplanes.TryAdd(backplane, true);
        return backplane;
    }

    /// <summary>Nothing passes between these two any more, in either direction, and both believe that they are connected.</summary>
    public void Cut(TestBackplane one, TestBackplane other)
    {
        _cuts.TryAdd((one, other), true);
        _cuts.TryAdd((other, one), true);
    }

    /// <summary>Divides the network: nothing passes any more between these and all others.</summary>
    public void Partition(params IEnumerable<TestBackplane> side)
    {
        var inside = side.ToHashSet();
        foreach (var one in inside)
        {
            foreach (var other in _backplanes.Keys.Where(other => !inside.Contains(other)))
                Cut(one, other);
        }
    }

    /// <summary>Everything passes again. What was published meanwhile is lost.</summary>
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
