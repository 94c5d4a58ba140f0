namespace WsPumps.Outbound;

/// <summary>
/// Finds messages by their conflation key. No step takes longer the more keys there are: a larger table is made by whoever holds no lock,
/// and each step moves a few keys to it. Until it is there the chains of the old one grow, which costs time and nothing else.
/// </summary>
/// <remarks>Without a lock: guarded by its owner.</remarks>
internal sealed class KeyTable
{
    private const int FirstLength = 16;

    /// <summary>Twice as many buckets as keys can be added in the same steps: all are moved before the next table is wanted.</summary>
    private const int MovedAtOnce = 2;

    private KeyedMessage?[] _buckets = new KeyedMessage?[FirstLength];
    private KeyedMessage?[]? _older;
    private int _moved;

    public int Count { get; private set; }

    /// <summary>How many buckets <see cref="Grow"/> is to be given, a power of two; 0 while there are enough.</summary>
    public int WantedLength => _older is null && Count > _buckets.Length ? _buckets.Length * 2 : 0;

    public KeyedMessage? Find(in MessageKey key)
    {
        var entry = BucketOf(key.Hash);
        while (entry is not null && (entry.Key.Hash != key.Hash || entry.Key.Text != key.Text))
            entry = entry.NextInBucket;
        return entry;
    }

    /// <param name="entry">One whose key is not here.</param>
    public void Add(KeyedMessage entry)
    {
        Put(entry, ref BucketOf(entry.Key.Hash));
        Count++;
        MoveSome();
    }

    /// <param name="entry">One that is here.</param>
    public void Remove(KeyedMessage entry)
    {
        ref var place = ref BucketOf(entry.Key.Hash);
        while (place != entry)
            place = ref place!.NextInBucket;
        (place, entry.NextInBucket) = (entry.NextInBucket, null);
        Count--;
        MoveSome();
    }

    /// <summary>Takes the larger table, unless somebody else's was taken meanwhile.</summary>
    public void Grow(KeyedMessage?[] larger)
    {
        if (larger.Length == WantedLength)
            (_older, _buckets, _moved) = (_buckets, larger, 0);
    }

    private ref KeyedMessage? BucketOf(int hash)
    {
        if (_older is not null && (hash & (_older.Length - 1)) is var at && at >= _moved)
            return ref _older[at];
        return ref _buckets[hash & (_buckets.Length - 1)];
    }

    private void MoveSome()
    {
        for (var i = 0; i < MovedAtOnce && _older is not null; i++)
        {
            var entry = _older[_moved++];
            if (_moved == _older.Length)
                _older = null;

            while (entry is not null)
            {
                var next = entry.NextInBucket;
                Put(entry, ref _buckets[entry.Key.Hash & (_buckets.Length - 1)]);
                entry = next;
            }
        }
    }

    private static void Put(KeyedMessage entry, ref KeyedMessage? bucket) => (entry.NextInBucket, bucket) = (bucket, entry);
}
