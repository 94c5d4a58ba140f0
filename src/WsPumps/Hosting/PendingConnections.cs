using System.Collections.Concurrent;
using WsPumps.Diagnostics;

namespace WsPumps.Hosting;

/// <summary>
/// Connections on their way to a manager, which no manager could ask to leave: a drain tells them here. It also knows whether further ones
/// may come.
/// </summary>
internal sealed class PendingConnections(TimeProvider time)
{
    private readonly ConcurrentDictionary<IPendingConnection, bool> _pending = new();
    private readonly Lock _lock = new();
    private volatile DrainOptions? _drain;
    private readonly CancellationTokenSource _closing = new();
    private bool _isFinal;

    /// <summary>Fires when nobody is let in for good.</summary>
    public CancellationToken Closing => _closing.Token;

    public bool AreRefused => _drain is not null;

    /// <summary>
    /// Either this sees that the drain has begun, or the drain sees the connection: each writes first and then looks, with a barrier
    /// between.
    /// </summary>
    public void Add(IPendingConnection connection)
    {
        _pending.TryAdd(connection, true);
        Interlocked.MemoryBarrier();
        if (_drain is { } drain)
            _ = connection.LeaveAsync(drain);
    }

    public void Remove(IPendingConnection connection) => _pending.TryRemove(connection, out _);

    /// <summary>
    /// From now on nobody is let in. Completes when those who were on their way are gone, or at their own deadlines. Never faults.
    /// </summary>
    public Task RefuseAsync(DrainOptions drain) => BeginAsync(drain, isFinal: false);

    /// <summary>The same for good: <see cref="Admit"/> no longer has any effect.</summary>
    public Task CloseAsync(DrainOptions drain) => BeginAsync(drain, isFinal: true);

    /// <summary>Lets connections in again.</summary>
    public void Admit()
    {
        lock (_lock)
            _drain = _isFinal ? _drain : null;
    }

    private Task BeginAsync(DrainOptions drain, bool isFinal)
    {
        lock (_lock)
            (_drain, _isFinal) = (drain, _isFinal || isFinal);
        Interlocked.MemoryBarrier();
        if (isFinal)
            _ = CountedWork.CancelAsync(time, _closing);
        return Task.WhenAll(_pending.Keys.Select(connection => connection.LeaveAsync(drain)));
    }
}
