using System.Collections.Concurrent;
using WsPumps.Inbound;
using WsPumps.Lifetime;

namespace WsPumps;

/// <summary>A bound on what all queues that share it hold together. When it is passed, the largest queue gives way first.</summary>
/// <remarks>
/// A client whose policy is <see cref="SlowClientPolicy.Disconnect"/> is disconnected with 1008; of any other the oldest messages are
/// dropped. Messages that were received and wait for handlers are bounded by the same number, apart from the queues: a connection is not read
/// further while any of its own wait. Room for a tenth is made at a time, because finding the largest queue means to look at all of them.
/// </remarks>
public sealed class QueueBudget
{
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly long _maxBytes;
    private long _bytes;
    private int _relieving;

    /// <param name="maxBytes">Payload bytes in all queues together; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is not positive.</exception>
    public QueueBudget(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        _maxBytes = maxBytes;
        Inbound = new InboundBudget(maxBytes);
    }

    /// <summary>The payload bytes that all queues hold now.</summary>
    public long QueuedBytes => Volatile.Read(ref _bytes);

    /// <summary>The same bound again, on what was received and waits for handlers.</summary>
    internal InboundBudget Inbound { get; }

    internal void Add(Connection connection) => _connections.TryAdd(connection, true);

    internal void Remove(Connection connection) => _connections.TryRemove(connection, out _);

    /// <returns>Whether the budget is passed, and <see cref="Relieve"/> is to be called when no lock is held.</returns>
    internal bool Charge(long bytes) => bytes != 0 && Interlocked.Add(ref _bytes, bytes) > _maxBytes && bytes > 0;

    /// <summary>One thread at a time; another that finds it busy goes on, because room is being made.</summary>
    internal void Relieve()
    {
        if (Interlocked.Exchange(ref _relieving, 1) != 0)
            return;

        try
        {
            var enough = _maxBytes - (_maxBytes / 10);
            while (QueuedBytes > enough && Largest() is { QueuedBytes: > 0 } connection)
                connection.Relieve(QueuedBytes - enough);
        }
        finally
        {
            Volatile.Write(ref _relieving, 0);
        }
    }

    private Connection? Largest()
    {
        Connection? largest = null;
        foreach (var (connection, _) in _connections)
        {
            if (connection.QueuedBytes > (largest?.QueuedBytes ?? 0))
                largest = connection;
        }

        return largest;
    }
}
