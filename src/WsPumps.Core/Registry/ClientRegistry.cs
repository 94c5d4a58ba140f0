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
    private static readonly object Mark = new();

    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    /// <summary>Clients that were unregistered before their connection had ended: they join nothing any more.</summary>
    private readonly ConditionalWeakTable<IClient, object> _unregistered = [];

    public SeatList Registered { get; } = new();

    public GroupMap Groups { get; } = new();

    public GroupMap Users { get; } = new();

    public bool TryFind(string id, [NotNullWhen(true)] out Entry? entry) => _entries.TryGetValue(id, out entry);

    /// <exception cref="ArgumentException">The id is another client's.</exception>
    public void Register(IClient client, string? userId)
    {
        _unregistered.Remove(client);
        var id = client.Id;
        while (!TryRegister(_entries.GetOrAdd(id, static (id, client) => new Entry(id, client), client), client, userId))
        {
        }
    }

    public void Unregister(IClient client)
    {
        if (!client.Completion.IsCompleted)
            _unregistered.AddOrUpdate(client, Mark);

        // The mark, or the completion, before the look: a join does it the other way round, so one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (_entries.TryGetValue(client.Id, out var entry) && ReferenceEquals(entry.Client, client))
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

    /// <returns>False when the entry is gone: there is none under its id now.</returns>
    private bool TryRegister(Entry entry, IClient client, string? userId)
    {
        lock (entry.Gate)
        {
            if (entry.State is EntryState.Gone)
                return false;

            if (!ReferenceEquals(entry.Client, client))
            {
                throw new ArgumentException($"Another client is registered, or has joined a group, under the id '{entry.Id}'. Ids must be unique " +
                    "within a manager, and a client that wraps another is the one that joins.", nameof(client));
            }

            if (entry.State is EntryState.Registered)
                return true;

            entry.State = EntryState.Registered;
            entry.User = userId is null ? null : Add(Users, userId, entry);
            Registered.Add(entry);
            return true;
        }
    }

    /// <returns>Null when the client was unregistered.</returns>
    private Entry? FindOrAdd(IClient client)
    {
        var id = client.Id;
        if (_entries.TryGetValue(id, out var entry))
            return entry;

        return _unregistered.TryGetValue(client, out _) ? null : _entries.GetOrAdd(id, static (id, client) => new Entry(id, client), client);
    }

    /// <param name="entry">The entry of the client.</param>
    /// <param name="name">The group.</param>
    /// <param name="added">Whether the client was not in the group.</param>
    /// <param name="watch">Whether the end of the connection must be waited for.</param>
    /// <returns>False when the entry is gone.</returns>
    private bool TryJoin(Entry entry, string name, out bool added, out bool watch)
    {
        (added, watch) = (false, false);
        lock (entry.Gate)
        {
            if (entry.State is EntryState.Gone)
                return false;

            if (Add(Groups, name, entry) is not { } membership)
                return true;

            entry.Memberships.Add(membership);
            events.Note(entry, name, joined: true);
            watch = entry.State is EntryState.Pending && !entry.IsWatched;
            entry.IsWatched |= watch;
            added = true;
            return true;
        }
    }

    /// <summary>The client may have ended since it was looked at. Nobody else would take the membership back then.</summary>
    private bool StaysIn(Entry entry, string name, bool watch)
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

    private bool Leave(Entry entry, string name)
    {
        if (!Groups.TryFind(name, out var group))
            return false;

        lock (entry.Gate)
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

    private bool TryRemove(Entry entry, bool onlyPending)
    {
        lock (entry.Gate)
        {
            if (entry.State is EntryState.Gone || (onlyPending && entry.State is not EntryState.Pending))
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
            entry.State = EntryState.Gone;
            // Under the lock, so that whoever finds the entry gone finds it gone from the map as well.
            _entries.TryRemove(KeyValuePair.Create(entry.Id, entry));
        }

        events.Raise(entry);
        return true;
    }

    /// <returns>Null when the client is in the group already.</returns>
    private static Membership? Add(GroupMap map, string name, Entry entry)
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
