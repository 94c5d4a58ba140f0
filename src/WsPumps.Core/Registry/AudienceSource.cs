namespace WsPumps.Registry;

/// <summary>Whom an audience begins with, before any filter: a live list, or the clients of given ids, each once.</summary>
internal sealed class AudienceSource
{
    private readonly ClientView? _view;
    private readonly ClientRegistry? _registry;
    private readonly string[] _ids = [];

    public AudienceSource(ClientView view) => _view = view;

    public AudienceSource(ClientRegistry registry, IEnumerable<string> ids) => (_registry, _ids) = (registry, [.. ids.Distinct()]);

    /// <summary>Known without a look at each client, or null.</summary>
    public int? Count => _view?.Count;

    public Enumerator GetEnumerator() => new(this);

    public struct Enumerator(AudienceSource source)
    {
        private SeatList.ClientEnumerator _clients = source._view?.Clients() ?? new SeatList.ClientEnumerator([]);
        private int _nextId;

        public IClient Current { get; private set; } = null!;

        public bool MoveNext()
        {
            if (_clients.MoveNext())
            {
                Current = _clients.Current;
                return true;
            }

            while (_nextId < source._ids.Length)
            {
                if (!source._registry!.TryFind(source._ids[_nextId++], out var entry) || entry.State is not EntryState.Registered)
                    continue;

                Current = entry.Client;
                return true;
            }

            return false;
        }
    }
}
