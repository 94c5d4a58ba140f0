using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Registry;

/// <summary>All that is known about one client. It is changed under <see cref="Gate"/>; state and user may be read without.</summary>
internal sealed class Entry(string id, IClient client) : Seat(client)
{
    private MembershipSet _memberships = new();
    private Queue<MembershipChange>? _changes;
    private bool _isRaising;

    public string Id { get; } = id;

    /// <summary>Taken before the lock of any list, never after one, and never two at a time. No user code runs under it.</summary>
    public Lock Gate { get; } = new();

    public EntryState State { get; set; }

    /// <summary>Whether the end of the connection ends a pending entry: once is enough.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Its place among the connections of its user; null when it has none.</summary>
    public Membership? User { get; set; }

    /// <summary>Changed in place: a field's property would hand out a copy.</summary>
    public ref MembershipSet Memberships => ref _memberships;

    /// <summary>May be true when all of them have been told; never false for a change that the caller has made.</summary>
    public bool HasChanges => Volatile.Read(ref _changes) is not null;

    public string[] GroupNames()
    {
        lock (Gate)
            return Array.ConvertAll(_memberships.ToArray(), membership => membership.Group.Name);
    }

    public void AddChange(MembershipChange change) => (_changes ??= new()).Enqueue(change);

    /// <summary>
    /// Takes the oldest change that nobody was told yet. One caller at a time gets them, all of them, in their order; it goes
    /// on until there are none. For the others there is nothing to do.
    /// </summary>
    /// <param name="isNext">Whether the caller is the one that took the change before.</param>
    /// <param name="change">The change.</param>
    public bool TryTakeChange(bool isNext, [NotNullWhen(true)] out MembershipChange? change)
    {
        change = null;
        lock (Gate)
        {
            if (_changes is null || _isRaising != isNext)
                return false;

            _isRaising = _changes.TryDequeue(out change);
            return _isRaising;
        }
    }
}
