using WsPumps.Registry;

namespace WsPumps.Broadcasting;

/// <summary>
/// The clients of this process that a selector and a filter mean, one by one. Allocates nothing, unless there are several groups, whose
/// members must be seen once. User code runs, no lock is held.
/// </summary>
internal struct AudienceWalk(ClientRegistry registry, AudienceSelector selector, Func<IClient, bool>? filter, ClientCalls calls)
{
    private readonly HashSet<IClient>? _seen =
        selector is { Kind: AudienceKind.Groups, NameSpan.Length: > 1 } ? new(ReferenceEqualityComparer.Instance) : null;

    private ClientList.Enumerator _clients = selector.Kind is AudienceKind.All
        ? registry.Registered.GetEnumerator() : new ClientList.Enumerator([]);
    private int _nextName;
    private bool _filterFailed;

    public IClient Current { get; private set; } = null!;

    public bool MoveNext()
    {
        while (_clients.MoveNext() || TryNextName())
        {
            Current = _clients.Current;
            if (!selector.Excludes(Current) && (filter is null || Passes(filter)) && _seen?.Add(Current) is not false)
                return true;
        }

        return false;
    }

    /// <summary>Goes on with the next name that stands for anybody.</summary>
    private bool TryNextName()
    {
        var names = selector.NameSpan;
        while (_nextName < names.Length)
        {
            _clients = ClientsOf(names[_nextName++]);
            if (_clients.MoveNext())
                return true;
        }

        return false;
    }

    private readonly ClientList.Enumerator ClientsOf(string name) => selector.Kind switch
    {
        AudienceKind.Clients => registry.TryFind(name, out var entry) && entry.State is ClientState.Registered
            ? new ClientList.Enumerator(entry.Client)
            : new ClientList.Enumerator([]),
        AudienceKind.Users => registry.Users.MembersOf(name),
        _ => registry.Groups.MembersOf(name),
    };

    private bool Passes(Func<IClient, bool> filter)
    {
        var matches = calls.Matches(Current, filter, !_filterFailed);
        _filterFailed |= matches is null;
        return matches is true;
    }
}
