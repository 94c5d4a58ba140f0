namespace WsPumps.Endpoints;

/// <summary>
/// The connections that one key of a <see cref="ConnectionLimit"/> has: open ones, those that were replaced and have their time to close,
/// and those that did not use it and were aborted. Each kind has as many places as the limit allows, so three times as many is the most
/// there ever are.
/// </summary>
internal sealed class LeasesOfKey(int maxConnections, bool closeOldest, Action onEmpty)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<ConnectionLease> _open = [];
    private readonly LinkedList<ConnectionLease> _closing = [];
    private readonly LinkedList<ConnectionLease> _aborted = [];
    private bool _isOver;

    /// <summary>How many hold a place. Those that were replaced do not.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    private int Total => _open.Count + _closing.Count + _aborted.Count;

    /// <param name="lease">Null when there is no place.</param>
    /// <param name="elsewhere">How many places are taken on other servers.</param>
    /// <returns>False when the object was forgotten as empty: there is another one for the key, or should be.</returns>
    public bool TryAdd(out ConnectionLease? lease, int elsewhere)
    {
        lease = null;
        lock (_lock)
        {
            if (_isOver)
                return false;

            if (closeOldest ? Total < 3L * maxConnections : _open.Count + (long)elsewhere < maxConnections)
                _open.AddLast((lease = new ConnectionLease(this)).Node);
            if (Total > 0)
                return true;

            // Refused for what is elsewhere: it is not kept for that.
            _isOver = true;
        }

        onEmpty();
        return true;
    }

    /// <summary>Makes the oldest one close where there are more than may be.</summary>
    public void Commit()
    {
        ConnectionLease? replaced, aborted;
        lock (_lock)
        {
            replaced = MoveOldest(_open, _closing);
            aborted = replaced is null ? null : MoveOldest(_closing, _aborted);
        }

        replaced?.Close();
        aborted?.Abort();
    }

    public void Remove(ConnectionLease lease)
    {
        lock (_lock)
        {
            lease.Node.List?.Remove(lease.Node);
            if (_isOver || Total > 0)
                return;

            _isOver = true;
        }

        onEmpty();
    }

    private ConnectionLease? MoveOldest(LinkedList<ConnectionLease> from, LinkedList<ConnectionLease> to)
    {
        if (from.Count <= maxConnections)
            return null;

        var oldest = from.First!;
        from.Remove(oldest);
        to.AddLast(oldest);
        return oldest.Value;
    }
}
