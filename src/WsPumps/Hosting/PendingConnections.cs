using System.Collections.Concurrent;

namespace WsPumps.Hosting;

/// <summary>Connections on their way to a manager, which no manager could ask to leave: a drain tells them here. And whether any more may come.</summary>
internal sealed class PendingConnections
{
    private readonly ConcurrentDictionary<IPendingConnection, bool> _pending = new();
    private volatile DrainOptions? _drain;

    public bool AreRefused => _drain is not null;

    /// <summary>Either this sees that the drain has begun, or the drain sees the connection: each writes first and then looks, with a barrier between.</summary>
    public void Add(IPendingConnection connection)
    {
        _pending.TryAdd(connection, true);
        Interlocked.MemoryBarrier();
        if (_drain is { } drain)
            _ = connection.LeaveAsync(drain);
    }

    public void Remove(IPendingConnection connection) => _pending.TryRemove(connection, out _);

    /// <summary>From now on nobody is let in. Completes when those who were on their way are gone, or at their own deadlines. Never faults.</summary>
    public Task RefuseAsync(DrainOptions drain)
    {
        _drain = drain;
        Interlocked.MemoryBarrier();
        return Task.WhenAll(_pending.Keys.Select(connection => connection.LeaveAsync(drain)));
    }

    public void Admit() => _drain = null;
}
