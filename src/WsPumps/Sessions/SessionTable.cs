using System.Collections.Concurrent;

namespace WsPumps.Sessions;

/// <summary>
/// The sessions of one endpoint. Bounded: those that are served by the connections there may be, those that are away by
/// <see cref="ResumeOptions.MaxAway"/>.
/// </summary>
internal sealed class SessionTable(int maxAway)
{
    private readonly ConcurrentDictionary<SessionKey, SessionEntry> _sessions = new();
    private readonly ConcurrentDictionary<UInt128, int> _secrets = new();
    private readonly ConcurrentDictionary<string, SessionEntry> _clientIds = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<Client> _away = new();
    private readonly Dictionary<Client, LinkedListNode<Client>> _places = [];

    /// <summary>How many there are.</summary>
    public int Count => _sessions.Count;

    /// <summary>Whether anybody has a session with this secret.</summary>
    public bool Knows(UInt128 secret) => _secrets.ContainsKey(secret);

    /// <summary>The session of the key, or the entry given, which is for one that begins now.</summary>
    public SessionEntry GetOrAdd(SessionKey key, SessionEntry mine) => _sessions.GetOrAdd(key, mine);

    /// <summary>A fresh session takes the place of one that has ended.</summary>
    /// <returns>False when somebody else's did.</returns>
    public bool TryReplace(SessionKey key, SessionEntry ended, SessionEntry mine) => _sessions.TryUpdate(key, mine, ended);

    /// <summary>
    /// A client is about to be known here. A session that was here before comes back with the same id, which is to be free then: who keeps
    /// something by it would add it for the newer client, and then remove it for the older one.
    /// </summary>
    /// <returns>Null when the id is the entry's from now on; otherwise the end of the one that has it.</returns>
    public Task? Occupy(SessionEntry entry, string clientId)
    {
        if (_clientIds.GetOrAdd(clientId, entry) is var holder && holder != entry)
            return holder.Over;

        entry.ClientId = clientId;
        return null;
    }

    /// <summary>The session of an entry has begun.</summary>
    public void Begin(SessionKey key, SessionEntry entry, Client client)
    {
        _secrets.AddOrUpdate(key.Secret, 1, static (_, count) => count + 1);
        client.Events.Away += _ => OnAway(client);
        client.Events.Resumed += _ => OnBack(client);
        Occupy(entry, client.Id);
        entry.TrySetResult(client);
    }

    /// <summary>The session of an entry has ended, or never began.</summary>
    public void End(SessionKey key, SessionEntry entry)
    {
        _sessions.TryRemove(KeyValuePair.Create(key, entry));
        if (entry.ClientId is { } id)
            _clientIds.TryRemove(KeyValuePair.Create(id, entry));
        entry.End();
        if (entry.TrySetResult(null) || entry.Task.Result is not { } client)
            return;

        OnBack(client);
        // With the last one the secret is forgotten; a look at the wrong moment only costs a place in a limit.
        if (_secrets.AddOrUpdate(key.Secret, 0, static (_, count) => count - 1) <= 0)
            _secrets.TryRemove(KeyValuePair.Create(key.Secret, 0));
    }

    private void OnAway(Client client)
    {
        Client? longest = null;
        lock (_lock)
        {
            _places[client] = _away.AddLast(client);
            if (_away.Count > maxAway)
            {
                // Out of the list at once: its end takes a while, and the next one that comes must not end the same.
                longest = _away.First!.Value;
                _away.RemoveFirst();
                _places.Remove(longest);
            }
        }

        longest?.Abort();
    }

    private void OnBack(Client client)
    {
        lock (_lock)
        {
            if (_places.Remove(client, out var place))
                _away.Remove(place);
        }
    }
}
