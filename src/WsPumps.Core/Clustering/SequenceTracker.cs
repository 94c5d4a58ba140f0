namespace WsPumps.Clustering;

/// <summary>Follows the numbers of every node on one channel: what is missing, and what came before. Safe for concurrent use.</summary>
internal sealed class SequenceTracker
{
    private readonly Dictionary<ulong, long> _last = [];
    private readonly Lock _lock = new();

    /// <summary>Whether a loss of the next that the node publishes would show.</summary>
    public bool Knows(ulong origin)
    {
        lock (_lock)
            return _last.ContainsKey(origin);
    }

    /// <summary>A node that has published nothing yet. Without effect when it is known here.</summary>
    public void Begin(ulong origin)
    {
        lock (_lock)
            _last.TryAdd(origin, 0);
    }

    /// <summary>An envelope with a number has come.</summary>
    /// <param name="origin">The node.</param>
    /// <param name="sequence">The number.</param>
    /// <param name="missing">How many before it did not come. Nobody knows for the first of a node.</param>
    /// <returns>False when it, or a later one, was here already.</returns>
    public bool Next(ulong origin, long sequence, out long missing)
    {
        lock (_lock)
        {
            var isKnown = _last.TryGetValue(origin, out var last);
            missing = isKnown ? Math.Max(0, sequence - last - 1) : 0;
            if (isKnown && sequence <= last)
                return false;

            _last[origin] = sequence;
            return true;
        }
    }

    /// <summary>A node tells the number of its last envelope.</summary>
    /// <returns>How many did not come.</returns>
    public long Mark(ulong origin, long sequence)
    {
        lock (_lock)
        {
            var isKnown = _last.TryGetValue(origin, out var last);
            if (isKnown && sequence <= last)
                return 0;

            _last[origin] = sequence;
            return isKnown ? sequence - last : 0;
        }
    }

    /// <summary>The number of the last one of a node; null where nothing is known of it.</summary>
    public long? LastOf(ulong origin)
    {
        lock (_lock)
            return _last.TryGetValue(origin, out var last) ? last : null;
    }

    public void Forget(ulong origin)
    {
        lock (_lock)
            _last.Remove(origin);
    }

    public void Clear()
    {
        lock (_lock)
            _last.Clear();
    }
}
