using WsPumps.Diagnostics;

namespace WsPumps.Endpoints;

/// <summary>
/// What one connection holds of a <see cref="ConnectionLimit"/>, until it has ended. A newer connection can take its place before it has a
/// client.
/// </summary>
internal sealed class ConnectionLease
{
    private readonly LeasesOfKey _leases;
    private readonly Lock _lock = new();
    private IReplaceable? _holder;
    private bool _closes;
    private bool _aborts;

    public ConnectionLease(LeasesOfKey leases)
    {
        _leases = leases;
        Node = new LinkedListNode<ConnectionLease>(this);
    }

    /// <summary>Where the lease stands in the lists of its key. Changed under the lock of the limit.</summary>
    public LinkedListNode<ConnectionLease> Node { get; }

    /// <summary>What else is done when the connection is let in. Set before.</summary>
    public Action? Committed { get; set; }

    /// <summary>Says who is closed when a newer connection takes the place. Done at once when that has happened already.</summary>
    public void Occupy(IReplaceable holder)
    {
        bool closes, aborts;
        lock (_lock)
        {
            _holder = holder;
            (closes, aborts) = (_closes, _aborts);
        }

        Tell(holder, closes, aborts);
    }

    /// <summary>The connection is known to be let in: the oldest one goes where there are too many.</summary>
    public void Commit()
    {
        _leases.Commit();
        Committed?.Invoke();
    }

    /// <summary>Asks the holder to close, once there is one.</summary>
    public void Close() => Tell(Mark(closes: true, aborts: false), closes: true, aborts: false);

    /// <summary>Ends the holder at once, once there is one.</summary>
    public void Abort() => Tell(Mark(closes: false, aborts: true), closes: false, aborts: true);

    /// <summary>The connection has ended, or was not let in. Safe to repeat.</summary>
    public void Release() => _leases.Remove(this);

    private IReplaceable? Mark(bool closes, bool aborts)
    {
        lock (_lock)
        {
            (_closes, _aborts) = (_closes || closes, _aborts || aborts);
            return _holder;
        }
    }

    /// <summary>The holder's client may be the user's own and may block: never on the thread of the newcomer.</summary>
    private static void Tell(IReplaceable? holder, bool closes, bool aborts)
    {
        if (holder is null)
            return;

        if (aborts)
            CountedWork.Queue(holder.Time, static holder => holder.Abort(), holder);
        else if (closes)
            CountedWork.Queue(holder.Time, static holder => holder.Replace(), holder);
    }
}
