namespace WsPumps.Endpoints;

/// <summary>One of the places that a <see cref="ConnectionLimit"/> has. It can be taken away before the connection in it has a client.</summary>
internal sealed class ConnectionPlace
{
    private static readonly Action Replaced = static () => { };

    private readonly ConnectionLimit _limit;
    private Action? _close;

    public ConnectionPlace(ConnectionLimit limit, string key)
    {
        _limit = limit;
        Key = key;
        Node = new LinkedListNode<ConnectionPlace>(this);
    }

    public string Key { get; }

    public LinkedListNode<ConnectionPlace> Node { get; }

    /// <summary>Says how the connection is closed when a newer one takes the place. Done at once when that has happened already.</summary>
    public void Occupy(Action close)
    {
        if (Interlocked.CompareExchange(ref _close, close, null) is not null)
            close();
    }

    public void Replace() => Interlocked.Exchange(ref _close, Replaced)?.Invoke();

    public void Leave() => _limit.Leave(this);
}
