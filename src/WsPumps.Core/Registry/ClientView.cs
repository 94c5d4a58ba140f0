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

    public SeatList.Enumerator Seats() => Current?.GetEnumerator() ?? new SeatList.Enumerator([]);

    public IEnumerator<IClient> GetEnumerator()
    {
        var seats = Seats();
        while (seats.MoveNext())
            yield return seats.Current.Client;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
