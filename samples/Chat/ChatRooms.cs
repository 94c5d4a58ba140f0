using WsPumps;

namespace Chat;

/// <summary>
/// Who is in which room, and what a room is told. A room is a group of the broadcaster. People are added and removed under a lock
/// and told about it outside of it: each list has a version, so that a page keeps the newest one whatever order they come in.
/// </summary>
internal sealed class ChatRooms(Broadcaster broadcaster)
{
    private readonly Lock _lock = new();
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, RoomHistory> _histories = [];
    private long _version;

    /// <remarks>
    /// A page whose connection could not be resumed may be faster than the end of its old session. It takes its place over by its
    /// key, or its own ghost would hold its name. Another page of the same user in the same room is the same person.
    /// </remarks>
    public Place Join(IClient client, Join join, string room, string name)
    {
        Place place;
        Place? ghost;
        bool isNew;
        lock (_lock)
        {
            ghost = _places.Find(other => other.Session == join.Session);
            if (ghost is not null)
                _places.Remove(ghost);

            var user = join.User ?? join.Session!;
            var known = In(room).FirstOrDefault(other => other.User == user)?.Person;
            var person = known ?? (ghost?.Room == room ? ghost.Person : new Person(client.Id, PersonName.MakeUnique(name, NamesTaken(room))));
            place = new Place(client, room, person, join.Session!, user);
            _places.Add(place);
            isNew = known is null && ghost is null;
        }

        ghost?.Client.Abort();
        client.Write(new Welcome(place.Person, room).Encode());
        broadcaster.Join(client, room);
        // Only now: a change before the page was in the group is in this list, and one after it is told to the page. A line may come both ways; the
        // page knows it by its key.
        Online online;
        Said[] lines;
        lock (_lock)
        {
            online = NextList(room) with { Joined = isNew ? place.Person : null };
            lines = [.. HistoryOf(room).Lines];
        }

        foreach (var line in lines)
            client.Write(line.Encode());
        broadcaster.Group(room).Write(online.Encode());
        return place;
    }

    public void Leave(IClient client)
    {
        Place? place;
        Online online;
        lock (_lock)
        {
            place = _places.Find(place => place.Client == client);
            if (place is null)
                return;

            _places.Remove(place);
            var gone = In(place.Room).All(other => other.Person != place.Person);
            online = NextList(place.Room) with { Left = gone ? place.Person : null };
            if (!In(place.Room).Any())
                _histories.Remove(place.Room);
        }

        broadcaster.Group(place.Room).Write(online.Encode());
    }

    public void Say(Place place, string text, string key)
    {
        var line = new Said(place.Person, text, key, DateTimeOffset.UtcNow);
        lock (_lock)
        {
            if (!HistoryOf(place.Room).Add(line))
                return;
        }

        broadcaster.Group(place.Room).Write(line.Encode());
    }

    private RoomHistory HistoryOf(string room)
    {
        if (!_histories.TryGetValue(room, out var history))
            _histories.Add(room, history = new RoomHistory());
        return history;
    }

    private IEnumerable<Place> In(string room) => _places.Where(place => place.Room == room);

    private Online NextList(string room) =>
        new(++_version, [.. In(room).GroupBy(place => place.Person).Select(person => new Present(person.Key.Id, person.Key.Name, person.Count()))]);

    private HashSet<string> NamesTaken(string room) => new(In(room).Select(place => place.Person.Name), StringComparer.OrdinalIgnoreCase);
}
