using WsPumps.Inbound;
using WsPumps.Outbound;

namespace WsPumps;

/// <summary>
/// A bound on what all queues that share it hold together. When it is exceeded, the clients that are furthest behind give way first.
/// </summary>
/// <remarks>
/// How far a client is behind is measured by how much has been queued for all clients since it last took anything. A client with the policy
/// <see cref="SlowClientPolicy.Disconnect"/> is disconnected with 1008; with any other policy, the oldest messages are dropped, and a
/// client that still holds the newest values of conflation keys after that is disconnected as well. A tenth of the budget is freed at a
/// time. Messages that were received and wait for handlers have a separate bound of the same size: when it is exceeded, a connection is not
/// read further while any of its own wait.
/// </remarks>
public sealed class QueueBudget
{
    private readonly long _maxBytes;
    private readonly Lock _lock = new();

    /// <summary>
    /// Those that hold anything, by how far behind they were when they were added: one that has moved on since is added again when its turn
    /// comes.
    /// </summary>
    private readonly PriorityQueue<OutboundQueue, long> _behind = new();

    /// <summary>At most how many of them have ended: when half of them have, those that hold nothing are removed.</summary>
    private int _ended;

    private long _queued;
    private long _taken;
    private bool _isRelieving;

    /// <param name="maxBytes">Payload bytes in all queues together; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is not positive.</exception>
    public QueueBudget(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        _maxBytes = maxBytes;
        Inbound = new InboundBudget(maxBytes);
    }

    /// <summary>The payload bytes that all queues hold now, including those of callers that wait for room.</summary>
    public long QueuedBytes
    {
        get
        {
            // In this order: what is taken meanwhile must not make it negative.
            var taken = Volatile.Read(ref _taken);
            return Volatile.Read(ref _queued) - taken;
        }
    }

    /// <summary>The same bound again, on what was received and waits for handlers.</summary>
    internal InboundBudget Inbound { get; }

    /// <summary>How many bytes have ever been queued: the measure of how far behind a queue is.</summary>
    internal long Clock => Volatile.Read(ref _queued);

    /// <summary>A queue that was empty holds something now. Each is put in once.</summary>
    internal void Watch(OutboundQueue queue)
    {
        lock (_lock)
            _behind.Enqueue(queue, queue.ProgressAt);
    }

    /// <summary>A queue has ended and holds nothing.</summary>
    internal void Unwatch()
    {
        lock (_lock)
        {
            if (++_ended <= _behind.Count / 2)
                return;

            _ended = 0;
            var rest = _behind.UnorderedItems.Where(static item => !item.Element.TryUnwatch()).ToArray();
            _behind.Clear();
            _behind.EnqueueRange(rest);
        }
    }

    /// <returns>Whether the budget is exceeded, and <see cref="Relieve"/> must be called when no lock is held.</returns>
    internal bool Charge(long bytes)
    {
        if (bytes > 0)
            return Interlocked.Add(ref _queued, bytes) - Volatile.Read(ref _taken) > _maxBytes;

        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    /// <summary>One thread at a time; another that finds it busy goes on, because room is being made.</summary>
    internal void Relieve()
    {
        if (Interlocked.Exchange(ref _isRelieving, true))
            return;

        try
        {
            var enough = _maxBytes - (_maxBytes / 10);
            while (QueuedBytes is var queued && queued > enough && FurthestBehind() is { } queue)
            {
                queue.Owner.GiveWay(queued - enough);
                // It either holds nothing now or is added again, no longer behind those it was behind before.
                if (!queue.TryUnwatch())
                    Watch(queue);
            }
        }
        finally
        {
            Volatile.Write(ref _isRelieving, false);
        }
    }

    private OutboundQueue? FurthestBehind()
    {
        lock (_lock)
        {
            while (_behind.TryDequeue(out var queue, out var behind))
            {
                if (queue.TryUnwatch())
                    continue;
                if (queue.ProgressAt == behind)
                    return queue;

                _behind.Enqueue(queue, queue.ProgressAt);
            }

            return null;
        }
    }
}
