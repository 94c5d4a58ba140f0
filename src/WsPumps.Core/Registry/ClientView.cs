using System.Collections;
using System.Collections.Concurrent;

namespace WsPumps.Registry;

/// <summary>The values of the map, live: a client that comes or goes meanwhile may or may not be seen, none is seen twice.</summary>
internal sealed class ClientView(ConcurrentDictionary<string, IClient> clients) : IReadOnlyCollection<IClient>
{
    public int Count => clients.Count;

    public IEnumerator<IClient> GetEnumerator()
    {
        foreach (var (_, client) in clients)
            yield return client;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
