namespace WsPumps.Outbound;

/// <summary>The messages that wait for one client, in order, with their bytes and an index of the keys among them.</summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct MessageQueue
{
    private Ring<QueuedMessage> _ring;

    /// <summary>Made with the first key.</summary>
    private Dictionary<object, long>? _sequenceOfKey;

    public readonly int Count => _ring.Count;

    public long Bytes { get; private set; }

    public void Enqueue(in QueuedMessage item)
    {
        var sequence = _ring.Enqueue(item);
        Bytes += item.Message.Length;
        if (item.Key is not null)
            (_sequenceOfKey ??= [])[item.Key] = sequence;
    }

    public readonly PreparedMessage Peek() => _ring.Peek().Message;

    public QueuedMessage Dequeue()
    {
        var item = _ring.Dequeue(out var sequence);
        Bytes -= item.Message.Length;
        // A message that did not fit its predecessor's place has the key now.
        if (item.Key is not null && _sequenceOfKey!.TryGetValue(item.Key, out var latest) && latest == sequence)
            _sequenceOfKey.Remove(item.Key);

        return item;
    }

    /// <summary>Puts a message in the place of the one with its key.</summary>
    /// <returns>False when there is none, or the bytes would then be more than <paramref name="maxBytes"/>.</returns>
    public bool TryReplace(in QueuedMessage newer, long maxBytes, out PreparedMessage replaced)
    {
        replaced = null!;
        if (newer.Key is null || _sequenceOfKey is null || !_sequenceOfKey.TryGetValue(newer.Key, out var sequence))
            return false;

        ref var slot = ref _ring[sequence];
        var bytes = Bytes - slot.Message.Length + newer.Message.Length;
        if (bytes > maxBytes)
            return false;

        replaced = slot.Message;
        slot = newer;
        Bytes = bytes;
        return true;
    }
}
