namespace WsPumps.Outbound;

/// <summary>The newest value of each conflation key, in the order in which the keys came.</summary>
/// <remarks>Without a lock: guarded by its owner. Most clients have none.</remarks>
internal sealed class KeyedMessages
{
    private const int MaxSpare = 64;

    private readonly KeyTable _byKey = new();
    private KeyedMessage? _first;
    private KeyedMessage? _last;
    private KeyedMessage? _spare;
    private int _spares;

    public int Count => _byKey.Count;

    public long Bytes { get; private set; }

    /// <inheritdoc cref="KeyTable.WantedLength"/>
    public int WantedLength => _byKey.WantedLength;

    /// <inheritdoc cref="KeyTable.Grow"/>
    public void Grow(KeyedMessage?[] larger) => _byKey.Grow(larger);

    public PreparedMessage? Find(in MessageKey key) => _byKey.Find(key)?.Item.Message;

    /// <summary>Puts a value in the place of an older one with its key, or behind all.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="item">The value.</param>
    /// <param name="goesBefore">The number of the first message without a key that comes after it, where the key is new.</param>
    /// <returns>The older one; null where there was none.</returns>
    public PreparedMessage? Set(in MessageKey key, in QueuedMessage item, long goesBefore)
    {
        Bytes += item.Message.Length;
        if (_byKey.Find(key) is { } known)
        {
            var older = known.Item.Message;
            Bytes -= older.Length;
            known.Item = item;
            return older;
        }

        var entry = TakeSpare();
        (entry.Key, entry.Item, entry.GoesBefore) = (key, item, goesBefore);
        if (_last is null)
            _first = entry;
        else
            _last.Next = entry;
        _last = entry;
        _byKey.Add(entry);
        return null;
    }

    /// <summary>Whether the turn of the first one comes before that of the message without a key that has this number.</summary>
    public bool IsNextBefore(long number) => _first is { } first && first.GoesBefore <= number;

    public ref readonly QueuedMessage Peek() => ref _first!.Item;

    public QueuedMessage Dequeue()
    {
        var entry = _first!;
        var item = entry.Item;
        _first = entry.Next;
        if (_first is null)
            _last = null;
        _byKey.Remove(entry);
        Bytes -= item.Message.Length;
        if (_spares < MaxSpare)
        {
            (entry.Key, entry.Item, entry.Next) = (default, default, _spare);
            (_spare, _spares) = (entry, _spares + 1);
        }

        return item;
    }

    private KeyedMessage TakeSpare()
    {
        if (_spare is not { } entry)
            return new KeyedMessage();

        (_spare, _spares, entry.Next) = (entry.Next, _spares - 1, null);
        return entry;
    }
}
