namespace WsPumps.Outbound;

/// <summary>The messages that wait for one client, in order, with their bytes and an index of the keys among them.</summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct MessageQueue
{
    private Ring<QueuedMessage> _ring;

    /// <summary>Made with the first key.</summary>
    private Dictionary<string, long>? _sequenceOfKey;

    public readonly int Count => _ring.Count;

    public long Bytes { get; private set; }

    /// <param name="item">The message.</param>
    /// <param name="key">The key under which a newer message may take its place; null where none may.</param>
    public void Enqueue(in QueuedMessage item, string? key)
    {
        var sequence = _ring.Enqueue(item);
        Bytes += item.Message.Length;
        if (key is not null)
            (_sequenceOfKey ??= [])[key] = sequence;
    }

    public readonly PreparedMessage Peek() => _ring.Peek().Message;

    public QueuedMessage Dequeue()
    {
        var item = _ring.Dequeue(out var sequence);
        Bytes -= item.Message.Length;
        if (_sequenceOfKey is not null && item.Message.Options?.ConflationKey is { } key)
            Forget(key, sequence);

        return item;
    }

    /// <summary>Puts a message in the place of the one with its key.</summary>
    /// <returns>False when there is none, or the bytes would then be more than <paramref name="maxBytes"/>.</returns>
    public bool TryReplace(in QueuedMessage newer, string? key, long maxBytes, out PreparedMessage replaced)
    {
        replaced = null!;
        if (key is null || _sequenceOfKey is null || !_sequenceOfKey.TryGetValue(key, out var sequence))
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

    /// <summary>A message that did not fit its predecessor's place has the key by now, and keeps it.</summary>
    private readonly void Forget(string key, long sequence)
    {
        if (_sequenceOfKey!.TryGetValue(key, out var latest) && latest == sequence)
            _sequenceOfKey.Remove(key);
    }
}
