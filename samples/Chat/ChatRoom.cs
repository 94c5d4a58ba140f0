using WsPumps;

namespace Chat;

/// <summary>
/// Who is online, and what everybody is told. People are added and removed under a lock and told about it outside of it: each
/// list has a version, so that a page keeps the newest one whatever order they come in.
/// </summary>
internal sealed class ChatRoom(Broadcaster everybody)
{
    private readonly Lock _lock = new();
    private readonly List<Place> _places = [];
    private long _version;

    /// <remarks>
    /// A page that comes back may be faster than the news that its old connection is lost. It takes its place over by its
    /// session, or its own ghost would hold its name.
    /// </remarks>
    public Person Join(IClient client, string name, string session)
    {
        Person person;
        Place? ghost;
        Online online;
        lock (_lock)
        {
            ghost = _places.Find(place => place.Session == session);
            if (ghost is not null)
                _places.Remove(ghost);

            person = new Person(client.Id, ghost?.Person.Name ?? PersonName.MakeUnique(name, NamesTaken()));
            _places.Add(new Place(client, person, session));
            online = NextList() with { Joined = ghost is null ? person : null };
        }

        ghost?.Client.Abort();
        client.TryWrite(new Welcome(person).Encode());
        everybody.Broadcast(online.Encode());
        return person;
    }

    public void Leave(IClient client)
    {
        Online online;
        lock (_lock)
        {
            var place = _places.Find(place => place.Client == client);
            if (place is null)
                return;

            _places.Remove(place);
            online = NextList() with { Left = place.Person };
        }

        everybody.Broadcast(online.Encode());
    }

    public void Say(Person person, string text, string key) =>
        everybody.Broadcast(new Said(person, text, key, DateTimeOffset.UtcNow).Encode());

    private Online NextList() => new(++_version, [.. _places.Select(place => place.Person)]);

    private HashSet<string> NamesTaken() => new(_places.Select(place => place.Person.Name), StringComparer.OrdinalIgnoreCase);

    private sealed record Place(IClient Client, Person Person, string Session);
}
