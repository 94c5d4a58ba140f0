using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Registry;

/// <summary>Groups by name, or users by id; as a collection, their names. A group is there as long as it has members.</summary>
internal sealed class GroupMap : IReadOnlyCollection<string>
{
    private readonly ConcurrentDictionary<string, Group> _groups = new();
    private IGroupObserver[] _observers = [];
    private int _count;

    /// <summary>Kept beside the map, whose own count takes all of its locks.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool TryFind(string name, [NotNullWhen(true)] out Group? group) => _groups.TryGetValue(name, out group);

    public ClientList.Enumerator MembersOf(string name) => TryFind(name, out var group)
        ? group.GetEnumerator() : new ClientList.Enumerator([]);

    /// <summary>Tells of each group that begins or ends from now on.</summary>
    public void Observe(IGroupObserver observer)
    {
        while (true)
        {
            var before = Volatile.Read(ref _observers);
            if (Interlocked.CompareExchange(ref _observers, [.. before, observer], before) == before)
                return;
        }
    }

    /// <summary>The group of that name, made when there is none. It may end before it is used: <see cref="Group.TryAdd"/> tells.</summary>
    public Group FindOrAdd(string name)
    {
        while (true)
        {
            if (_groups.TryGetValue(name, out var group))
                return group;

            group = new Group(name, this);
            if (!_groups.TryAdd(name, group))
                continue;

            Interlocked.Increment(ref _count);
            foreach (var observer in Volatile.Read(ref _observers))
                observer.Began(name);
            return group;
        }
    }

    /// <summary>Called by the group itself, under its lock, when it ends.</summary>
    public void Forget(Group group)
    {
        if (!_groups.TryRemove(KeyValuePair.Create(group.Name, group)))
            return;

        Interlocked.Decrement(ref _count);
        foreach (var observer in Volatile.Read(ref _observers))
            observer.Ended(group.Name);
    }

    public IEnumerator<string> GetEnumerator()
    {
        foreach (var (name, _) in _groups)
            yield return name;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
