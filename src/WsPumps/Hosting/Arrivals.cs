using System.Collections.Concurrent;
using WsPumps.Endpoints;

namespace WsPumps.Hosting;

/// <summary>Connections on their way to a manager, which no manager could ask to leave: a drain tells them here. And whether any more may come.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentDictionary<ConnectionRunner, bool> _arrivals = new();
    private volatile DrainOptions? _drain;

    public bool AreRefused => _drain is not null;

    /// <summary>Either this sees that the drain has begun, or the drain sees the arrival: each writes first and then looks, with a barrier between.</summary>
    public void Add(ConnectionRunner arrival)
    {
        _arrivals.TryAdd(arrival, true);
        Interlocked.MemoryBarrier();
        if (_drain is { } drain)
            _ = arrival.LeaveAsync(drain);
    }

    public void Remove(ConnectionRunner arrival) => _arrivals.TryRemove(arrival, out _);

    /// <summary>From now on nobody is let in. Completes when those who were on their way are gone, or at their own deadlines. Never faults.</summary>
    public Task RefuseAsync(DrainOptions drain)
    {
        _drain = drain;
        Interlocked.MemoryBarrier();
        return Task.WhenAll(_arrivals.Keys.Select(arrival => arrival.LeaveAsync(drain)));
    }

    public void Admit() => _drain = null;
}
