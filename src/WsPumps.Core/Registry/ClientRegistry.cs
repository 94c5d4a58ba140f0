using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace WsPumps.Registry;

/// <summary>
/// Clients by id, by user and by group. Locks are taken in one order: the entry of a client, then one list, then the map of
/// groups; events are raised and clients are asked outside of all of them.
/// </summary>
internal sealed class ClientRegistry(MembershipEvents events)
{
    private readonly ConcurrentDictionary<string, ClientEntry> _entries = new();

    /// <summary>
    /// Clients that were unregistered before their connection had ended: they can no longer join anything. With what is still to be told
    /// about them, so that it is told before anything that follows when they are registered again.
    /// </summary>
    private readonly ConditionalWeakTable<IClient, MembershipChanges> _unregistered = [];

    public ClientList Registered { get; } = new();

    public GroupMap Groups { get; } = new();

    public GroupMap Users { get; } = new();

    public bool TryFind(string id, [NotNullWhen(true)] out ClientEntry? entry) => _entries.TryGetValue(id, out entry);

    /// <exception cref="ArgumentException">The id is another client's.</exception>
    public void Register(IClient client, string? userId)
    {
        if (_unregistered.TryGetValue(client, out var untold))
            _unregistered.Remove(client);
        var id = client.Id;
        while (!TryRegister(_entries.GetOrAdd(id, static (id, added) => new ClientEntry(id, added.client, added.untold), (client, untold)),
            client, userId))
        {
        }
    }

    public void Unregister(IClient client)
    {
        var id = client.Id;
        if (!client.Completion.IsCompleted)
            _unregistered.TryAdd(client, EntryOf(client, id)?.Changes ?? new MembershipChanges());

        // The mark, or the completion, before the look: a join does it the other way round, so one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (EntryOf(client, id) is { } entry)
            TryRemove(entry, onlyPending: false);
    }

    public bool Join(IClient client, string name)
    {
        while (!client.Completion.IsCompleted)
        {
            if (FindOrAdd(client) is not { } entry)
                return false;

            if (TryJoin(entry, name, out var added, out var watch))
            {
                var stays = added && StaysIn(entry, name, watch);
                events.Raise(entry);
                return stays;
            }
        }

        return false;
    }

    public bool Leave(IClient client, string name) => _entries.TryGetValue(client.Id, out var entry) && Leave(entry, name);

    private ClientEntry? EntryOf(IClient client, string id) =>
        _entries.TryGetValue(id, out var entry) && ReferenceEquals(entry.Client, client) ? entry : null;

    /// <returns>False when the entry is gone: there is none under its id now.</returns>
    private bool TryRegister(ClientEntry entry, IClient client, string? userId)
    {
        lock (entry.Sync)
        {
            if (entry.State is ClientState.Gone)
                return false;

            if (!ReferenceEquals(entry.Client, client))
            {
                throw new ArgumentException($"Another client is registered, or has joined a group, under the id '{entry.Id}'. Ids must " +
                    "be unique " +
                    "within a manager, and a client that wraps another is the one that joins.", nameof(client));
            }

            if (entry.State is ClientState.Registered)
                return true;

            entry.State = ClientState.Registered;
            entry.User = userId is null ? null : Add(Users, userId, entry);
            Registered.Add(entry);
            return true;
        }
    }

    /// <returns>Null when the client was unregistered.</returns>
    private ClientEntry? FindOrAdd(IClient client)
    {
        var id = client.Id;
        if (_entries.TryGetValue(id, out var entry))
            return entry;

        return _unregistered.TryGetValue(client, out _)
            ? null
            : _entries.GetOrAdd(id, static (id, client) => new ClientEntry(id, client, changes: null), client);
    }

    /// <param name="entry">The entry of the client.</param>
    /// <param name="name">The group.</param>
    /// <param name="added">Whether the client was not in the group.</param>
    /// <param name="watch">Whether the end of the connection must be waited for.</param>
    /// <returns>False when the entry is gone.</returns>
    private bool TryJoin(ClientEntry entry, string name, out bool added, out bool watch)
    {
        (added, watch) = (false, false);
        lock (entry.Sync)
        {
            if (entry.State is ClientState.Gone)
                return false;

            if (Add(Groups, name, entry) is not { } membership)
                return true;

            entry.Memberships.Add(membership);
            events.Note(entry, name, joined: true);
            watch = entry.State is ClientState.Pending && !entry.IsWatched;
            entry.IsWatched |= watch;
            added = true;
            return true;
        }
    }

    /// <summary>The client may have ended since it was looked at. Nobody else would take the membership back then.</summary>
    private bool StaysIn(ClientEntry entry, string name, bool watch)
    {
        Interlocked.MemoryBarrier();
        var completion = entry.Client.Completion;
        if (completion.IsCompleted)
        {
            if (!TryRemove(entry, onlyPending: true))
                Leave(entry, name);
            return false;
        }

        if (_unregistered.TryGetValue(entry.Client, out _) && TryRemove(entry, onlyPending: true))
            return false;

        if (watch)
            completion.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => TryRemove(entry, onlyPending: true));
        return true;
    }

    private bool Leave(ClientEntry entry, string name)
    {
        if (!Groups.TryFind(name, out var group))
            return false;

        lock (entry.Sync)
        {
            if (entry.Memberships.Find(group) is not { } membership)
                return false;

            group.Remove(membership);
            entry.Memberships.Remove(membership);
            events.Note(entry, name, joined: false);
        }

        events.Raise(entry);
        return true;
    }

    private bool TryRemove(ClientEntry entry, bool onlyPending)
    {
        lock (entry.Sync)
        {
            if (entry.State is ClientState.Gone || (onlyPending && entry.State is not ClientState.Pending))
                return false;

            Registered.Remove(entry);
            entry.User?.Group.Remove(entry.User);
            foreach (var membership in entry.Memberships.ToArray())
            {
                membership.Group.Remove(membership);
                events.Note(entry, membership.Group.Name, joined: false);
            }

            entry.User = null;
            entry.Memberships = new MembershipSet();
            entry.State = ClientState.Gone;
            // Under the lock, so that whoever finds the entry gone finds it gone from the map as well.
            _entries.TryRemove(KeyValuePair.Create(entry.Id, entry));
        }

        events.Raise(entry);
        return true;
    }

    /// <returns>Null when the client is in the group already.</returns>
    private static Membership? Add(GroupMap map, string name, ClientEntry entry)
    {
        while (true)
        {
            var group = map.FindOrAdd(name);
            if (entry.Memberships.Find(group) is not null)
                return null;

            var membership = new Membership(entry.Client, group);
            if (group.TryAdd(membership))
                return membership;
        }
    }
}
