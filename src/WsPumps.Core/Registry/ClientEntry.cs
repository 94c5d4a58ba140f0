namespace WsPumps.Registry;

/// <summary>All that is known about one client. It is changed under <see cref="Sync"/>; state and user may be read without.</summary>
/// <param name="id">The id of the client, read once: a client of the user's own may say another one each time.</param>
/// <param name="client">The client.</param>
/// <param name="changes">What is still to be told of an earlier entry of the same client; null for nothing.</param>
internal sealed class ClientEntry(string id, IClient client, MembershipChanges? changes) : ListedClient(client)
{
    private MembershipSet _memberships = new();
    private MembershipChanges? _changes = changes;

    public string Id { get; } = id;

    /// <summary>Taken before the lock of any list, never after one, and never two at a time. No user code runs under it.</summary>
    public Lock Sync { get; } = new();

    public ClientState State { get; set; }

    /// <summary>Whether the end of the connection ends a pending entry: once is enough.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Its place among the connections of its user; null when it has none.</summary>
    public Membership? User { get; set; }

    /// <summary>Changed in place: a field's property would hand out a copy.</summary>
    public ref MembershipSet Memberships => ref _memberships;

    /// <summary>Made when it is first asked for.</summary>
    public MembershipChanges Changes => Volatile.Read(ref _changes) ?? Interlocked.CompareExchange(ref _changes, new(), null) ?? _changes;

    /// <summary>Null while there was nothing to tell.</summary>
    public MembershipChanges? ChangesInUse => Volatile.Read(ref _changes);

    public string[] GroupNames()
    {
        lock (Sync)
            return Array.ConvertAll(_memberships.ToArray(), membership => membership.Group.Name);
    }
}
