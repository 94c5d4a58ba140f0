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
    private readonly Lock _lock = new();

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
        // How often it arrives is up to the test, which is asked without the lock.
        var arrivals = new Dictionary<TestBackplane, int>();
        while (!TryPublish(channel, data, arrivals))
        {
            foreach (var to in _backplanes.Keys.Where(to => to.Hears(channel) && !arrivals.ContainsKey(to)))
                arrivals[to] = _cuts.ContainsKey((from, to)) ? 0 : to.TimesOf(channel, data);
        }

        foreach (var to in arrivals.Keys)
            to.DeliverSoon();
    }

    /// <summary>
    /// For all at once, as a server does it: no two backplanes get two messages in different orders, and who begins to listen hears each
    /// that is published afterwards.
    /// </summary>
    /// <returns>False where one that listens was not asked yet how often it arrives.</returns>
    private bool TryPublish(string channel, ReadOnlyMemory<byte> data, Dictionary<TestBackplane, int> arrivals)
    {
        lock (_lock)
        {
            if (_backplanes.Keys.Any(to => to.Hears(channel) && !arrivals.ContainsKey(to)))
                return false;

            foreach (var (to, times) in arrivals.Where(arrival => arrival.Key.Hears(channel)))
                to.Arrive(channel, data, times);
            return true;
        }
    }

    internal void Remove(TestBackplane backplane) => _backplanes.TryRemove(backplane, out _);
}
