namespace WsPumps.Outbound;

/// <summary>
/// What waits for one client, within its bounds: decides which message is let in, which gives way, and who waits for room.
/// </summary>
/// <remarks>A mutable struct without a lock: the field it lives in is guarded by its owner.</remarks>
internal struct BoundedMessages(OutboundBounds bounds, QueueEvents events)
{
    /// <summary>So many are dropped or let in at once; where there are more, the lock is given up in between.</summary>
    private const int MaxAtOnce = 64;

    private QueuedMessages _messages;
    private WaitingWrites _waiting;
    private DropCounters? _drops;

    public readonly OutboundBounds Bounds => bounds;

    public readonly int Count => _messages.Count;

    public readonly long Bytes => _messages.Bytes;

    public readonly int WaitingCount => _waiting.Count;

    public readonly long WaitingBytes => _waiting.Bytes;

    public readonly bool HasWaiting => _waiting.First is not null;

    /// <inheritdoc cref="QueuedMessages.TailNumber"/>
    public readonly long TailNumber => _messages.TailNumber;

    /// <summary>How many were dropped, ever.</summary>
    public long Dropped { get; private set; }

    public readonly QueueEvents Events => events;

    /// <inheritdoc cref="QueuedMessages.HasBefore"/>
    public readonly bool HasBefore(long number) => _messages.HasBefore(number);

    /// <summary>Adds the drops since the last time, by reason. For one caller at a time; it needs no lock.</summary>
    public void TakeDrops(Span<long> sums) => Volatile.Read(ref _drops)?.Take(sums);

    /// <summary>Lets the message in, or applies its policy.</summary>
    /// <returns>False when a part of the room was made, and there is more to drop.</returns>
    public bool TryAccept(in QueuedMessage item, ref QueueEffects effects, out WriteResult result)
    {
        var message = item.Message;
        result = WriteResult.Queued;
        if (!HasRoomFor(message))
        {
            if (message.Length > bounds.MaxBytes)
            {
                result = WriteResult.TooLarge;
                return true;
            }

            if (bounds.PolicyFor(message) is SlowClientPolicy.DropOldest or SlowClientPolicy.Conflate && !TryMakeRoom(message, ref effects))
                return false;

            if (!HasRoomFor(message))
            {
                result = WriteResult.Dropped;
                Refuse(message, ref effects);
                return true;
            }
        }

        Enqueue(item, ref effects);
        return true;
    }

    /// <summary>Lets the message in at once, or puts its writer in the line of those who wait, or refuses it.</summary>
    public WriteResult AcceptOrWait(in QueuedMessage item, OutboundQueue queue, ref QueueEffects effects, out WaitingWrite? waiting)
    {
        var message = item.Message;
        waiting = null;
        var fits = ReplacedBy(message) is not null
            ? HasRoomFor(message)
            : !HasWaiting && bounds.HasRoomForWaiting(Count, Bytes, message.Length);
        if (fits)
        {
            Enqueue(item, ref effects);
            return WriteResult.Queued;
        }

        if (!bounds.MayWait(_waiting.Count, _waiting.Bytes, message.Length))
        {
            Refuse(message, ref effects);
            return WriteResult.Dropped;
        }

        waiting = new WaitingWrite(message, item.ExpiresAt, queue);
        _waiting.Add(waiting);
        return WriteResult.Queued;
    }

    /// <summary>Lets in those who wait, as far as there is room now.</summary>
    public void AdmitWaiting(ref QueueEffects effects)
    {
        for (var i = 0; i < MaxAtOnce && _waiting.First is { } write && bounds.HasRoomForWaiting(Count, Bytes, write.Message.Length); i++)
        {
            _waiting.Remove(write);
            Enqueue(new QueuedMessage(write.Message, write.ExpiresAt), ref effects);
            effects.Admit(write);
        }
    }

    /// <returns>False when it no longer waits.</returns>
    public bool TryRemove(WaitingWrite write) => _waiting.Remove(write);

    /// <summary>Moves those who wait out at once.</summary>
    public WaitingWrites TakeWaiting()
    {
        var waiting = _waiting;
        _waiting = default;
        return waiting;
    }

    /// <inheritdoc cref="QueueMove.PutBefore"/>
    public void PutBefore(IReadOnlyList<QueuedMessage> earlier, Func<PreparedMessage, bool> isRepeated, ref QueueEffects effects)
    {
        var (later, waiting) = (_messages.TakeAll(), TakeWaiting());
        foreach (var item in earlier)
            Enqueue(item, ref effects);
        while (later.Count > 0)
        {
            var item = later.Peek();
            later.Dequeue();
            if (isRepeated(item.Message))
                effects.Settle(item.Message);
            else
                Enqueue(item, ref effects);
        }

        while (waiting.First is { } write)
        {
            waiting.Remove(write);
            if (isRepeated(write.Message))
                effects.Admit(write);
            else
                _waiting.Add(write);
        }
    }

    public QueuedMessages TakeAll() => _messages.TakeAll();

    /// <inheritdoc cref="KeyTable.Grow"/>
    public readonly void GrowKeys(KeyedMessage?[] larger) => _messages.GrowKeys(larger);

    /// <summary>Takes what is to be written next, as much as fits.</summary>
    /// <param name="batch">Gets it.</param>
    /// <param name="now">The time; 0 when nobody has looked.</param>
    /// <param name="before">Only what goes before this number.</param>
    /// <param name="effects">What follows.</param>
    /// <returns>False when the clock has to be looked at first, or more has expired than is dropped at once.</returns>
    public bool TryTake(Batch batch, long now, long before, ref QueueEffects effects)
    {
        for (var expired = 0; Count > 0 && (before == long.MaxValue || HasBefore(before));)
        {
            ref readonly var next = ref _messages.Peek();
            if (next.ExpiresAt != 0 && (now == 0 || expired == MaxAtOnce))
                return false;

            if (next.ExpiresAt != 0 && now >= next.ExpiresAt)
            {
                expired++;
                Drop(_messages.Dequeue(), DropReason.Expired, ref effects);
                continue;
            }

            if (!batch.HasRoomFor(next.Message))
                break;

            batch.Add(_messages.Dequeue());
        }

        return true;
    }

    /// <summary>Drops the oldest messages, except newest values of keys, until so many bytes are free, or for now enough.</summary>
    /// <returns>Whether there is more to drop.</returns>
    public bool Shed(long bytes, ref long freed, ref QueueEffects effects)
    {
        for (var i = 0; i < MaxAtOnce && freed < bytes && _messages.HasPlain; i++)
        {
            var message = _messages.DequeuePlain();
            freed += message.Length;
            Drop(message, DropReason.OverBudget, ref effects);
        }

        return freed < bytes && _messages.HasPlain;
    }

    private readonly bool HasRoomFor(PreparedMessage message) => ReplacedBy(message) is { } replaced
        ? bounds.HasRoom(Count - 1, Bytes - replaced.Length, message.Length)
        : bounds.HasRoom(Count, Bytes, message.Length);

    private readonly PreparedMessage? ReplacedBy(PreparedMessage message) =>
        _messages.HadKeys ? _messages.Find(KeyOf(message)) : null;

    private readonly MessageKey? KeyOf(PreparedMessage message) =>
        MessageKey.Of(message.Options) is { } key && bounds.PolicyFor(message) is SlowClientPolicy.Conflate ? key : null;

    /// <summary>Drops the oldest messages. The newest value of a key is none of those that may give way.</summary>
    /// <returns>False when there are more to drop.</returns>
    private bool TryMakeRoom(PreparedMessage message, ref QueueEffects effects)
    {
        for (var dropped = 0; _messages.HasPlain && !HasRoomFor(message); dropped++)
        {
            if (dropped == MaxAtOnce)
                return false;

            Drop(_messages.DequeuePlain(), DropReason.Evicted, ref effects);
        }

        return true;
    }

    /// <summary>Counts a message that found no room, unless its client is disconnected for it.</summary>
    private void Refuse(PreparedMessage message, ref QueueEffects effects)
    {
        var policy = bounds.PolicyFor(message);
        if (policy is SlowClientPolicy.Disconnect)
            return;

        effects.HasTooManyKeys = policy is not SlowClientPolicy.DropNewest && !_messages.HasPlain && _messages.HadKeys;
        Note(message, DropReason.QueueFull, ref effects);
    }

    private void Enqueue(in QueuedMessage item, ref QueueEffects effects)
    {
        if (_messages.Enqueue(item, KeyOf(item.Message)) is { } replaced)
            Drop(replaced, DropReason.Replaced, ref effects);
        effects.WantedKeys = _messages.WantedKeys;
    }

    /// <summary>For a message that had been let in: whoever follows it is told as well.</summary>
    private void Drop(PreparedMessage message, DropReason reason, ref QueueEffects effects)
    {
        effects.Settle(message);
        Note(message, reason, ref effects);
    }

    private void Note(PreparedMessage message, DropReason reason, ref QueueEffects effects)
    {
        Dropped++;
        (_drops ??= new DropCounters()).Add(reason);
        if (events.WantsDrops)
            (effects.Dropped ??= []).Add((message, reason));
    }
}
