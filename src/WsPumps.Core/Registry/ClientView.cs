using System.Collections;

namespace WsPumps.Registry;

/// <summary>Clients as a live collection: of one list, or of a group that is looked up anew each time.</summary>
internal sealed class ClientView : IReadOnlyCollection<IClient>
{
    private readonly SeatList? _list;
    private readonly GroupMap? _map;
    private readonly string _name = "";

    public ClientView(SeatList list) => _list = list;

    public ClientView(GroupMap map, string name) => (_map, _name) = (map, name);

    public int Count => Current?.Count ?? 0;

    private SeatList? Current => _list ?? (_map!.TryFind(_name, out var group) ? group : null);

    public SeatList.ClientEnumerator Clients() => Current?.Clients() ?? new SeatList.ClientEnumerator([]);

    public IEnumerator<IClient> GetEnumerator()
    {
        var clients = Clients();
        while (clients.MoveNext())
            yield return clients.Current;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
