namespace WsPumps.Outbound;

/// <summary>Messages in the order in which they leave, among them the newest value of each conflation key.</summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct QueuedMessages
{
    private MessageList _plain;
    private KeyedMessages? _keyed;

    public readonly int Count => _plain.Count + (_keyed?.Count ?? 0);

    /// <summary>The payload bytes of all messages.</summary>
    public readonly long Bytes => _plain.Bytes + (_keyed?.Bytes ?? 0);

    /// <summary>Whether any has no key.</summary>
    public readonly bool HasPlain => _plain.Count > 0;

    /// <summary>Whether any had a key, ever.</summary>
    public readonly bool HadKeys => _keyed is not null;

    /// <summary>The number that the next message without a key gets.</summary>
    public readonly long TailNumber => _plain.TailNumber;

    private readonly bool IsKeyedNext => _keyed is not null && _keyed.IsNextBefore(_plain.HeadNumber);

    /// <inheritdoc cref="KeyTable.WantedLength"/>
    public readonly int WantedKeys => _keyed?.WantedLength ?? 0;

    /// <inheritdoc cref="KeyTable.Grow"/>
    public readonly void GrowKeys(KeyedMessage?[] larger) => _keyed?.Grow(larger);

    /// <summary>Whether any leaves before the message without a key that has this number.</summary>
    public readonly bool HasBefore(long number) => _plain.HeadNumber < number || (_keyed is not null && _keyed.IsNextBefore(number));

    /// <summary>The value of a key; null where there is none.</summary>
    public readonly PreparedMessage? Find(MessageKey? key) => key is { } known ? _keyed?.Find(known) : null;

    /// <param name="item">The newest one.</param>
    /// <param name="key">Its conflation key; null for none.</param>
    /// <returns>The value in whose place it goes; null where there was none.</returns>
    public PreparedMessage? Enqueue(in QueuedMessage item, MessageKey? key)
    {
        if (key is { } known)
            return (_keyed ??= new KeyedMessages()).Set(known, item, goesBefore: _plain.TailNumber);

        _plain.Enqueue(item);
        return null;
    }

    /// <summary>The next one to leave.</summary>
    public readonly ref readonly QueuedMessage Peek()
    {
        if (IsKeyedNext)
            return ref _keyed!.Peek();
        return ref _plain.Peek();
    }

    public PreparedMessage Dequeue() => (IsKeyedNext ? _keyed!.Dequeue() : _plain.Dequeue()).Message;

    /// <summary>The oldest one without a key.</summary>
    public PreparedMessage DequeuePlain() => _plain.Dequeue().Message;

    /// <summary>Moves all that is here out at once.</summary>
    public QueuedMessages TakeAll()
    {
        var all = new QueuedMessages { _plain = _plain.TakeAll(), _keyed = _keyed };
        _keyed = null;
        return all;
    }
}
