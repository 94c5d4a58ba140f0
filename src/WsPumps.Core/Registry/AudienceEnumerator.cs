namespace WsPumps.Registry;

/// <summary>The clients of a source that pass the filter, one by one, without an allocation. User code runs, no lock is held.</summary>
internal struct AudienceEnumerator(AudienceSource source, Func<IClient, bool>? filter, ClientCalls calls)
{
    private AudienceSource.Enumerator _clients = source.GetEnumerator();
    private bool _filterFailed;

    public readonly IClient Current => _clients.Current;

    public bool MoveNext()
    {
        while (_clients.MoveNext())
        {
            if (filter is null || Passes(filter))
                return true;
        }

        return false;
    }

    private bool Passes(Func<IClient, bool> filter)
    {
        var matches = calls.Matches(_clients.Current, filter, !_filterFailed);
        _filterFailed |= matches is null;
        return matches is true;
    }
}
