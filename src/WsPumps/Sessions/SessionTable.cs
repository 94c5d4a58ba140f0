using System.Collections.Concurrent;

namespace WsPumps.Sessions;

/// <summary>
/// The sessions of one endpoint. Bounded: those that are served by the connections there may be, those that are away by
/// <see cref="ResumeOptions.MaxAway"/>.
/// </summary>
internal sealed class SessionTable(int maxAway)
{
    private readonly ConcurrentDictionary<SessionKey, Client> _sessions = new();
    private readonly ConcurrentDictionary<UInt128, int> _secrets = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<Client> _away = new();
    private readonly Dictionary<Client, LinkedListNode<Client>> _places = [];

    /// <summary>Whether anybody has a session with this secret.</summary>
    public bool Knows(UInt128 secret) => _secrets.ContainsKey(secret);

    public Client? Find(SessionKey key) => _sessions.GetValueOrDefault(key);

    /// <summary>From now on the key leads to this client, until it ends.</summary>
    public void Add(SessionKey key, Client client)
    {
        _sessions[key] = client;
        _secrets.AddOrUpdate(key.Secret, 1, static (_, count) => count + 1);
        client.Events.Away += _ => OnAway(client);
        client.Events.Resumed += _ => OnBack(client);
    }

    public void Remove(SessionKey key, Client client)
    {
        _sessions.TryRemove(KeyValuePair.Create(key, client));
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
            if (!_places.TryAdd(client, _away.AddLast(client)))
                throw new InvalidOperationException($"Client {client.Id} is away twice.");
            if (_away.Count > maxAway)
                longest = _away.First!.Value;
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
