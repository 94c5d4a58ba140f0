using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>What waits to be written to one client: many writers, one reader, bounded in messages and in bytes.</summary>
/// <remarks>
/// Everything happens under one lock, and there only what is brief: who was dropped, let in or has to be told is collected, and acted on
/// when the lock is
/// released. No clock is read and nobody's code is called while it is held, and no operation under it takes longer the more there is in the
/// queue.
/// </remarks>
internal sealed partial class OutboundQueue(
    OutboundBounds bounds, TimeProvider time, QueueEvents events, IQueueOwner owner, QueueBudget? budget = null)
{
    /// <summary>So many are dropped or let in at once; where there are more, the lock is given up in between.</summary>
    private const int MaxAtOnce = 64;

    private BriefLock _lock = new();
    private MessageList _messages;
    private KeyedMessages? _keyed;
    private WaitingWrites _waiting;
    private ControlSlots _control;
    private DropCounters? _drops;
    private long _dropped;
    private bool _completed;

    public IQueueOwner Owner => owner;

    public SlowClientPolicy Policy => bounds.Policy;

    /// <summary>Whether the high watermark was reached, and the low one not yet again.</summary>
    public bool IsHigh { get; private set; }

    private int Count => _messages.Count + (_keyed?.Count ?? 0);

    private long Bytes => _messages.Bytes + (_keyed?.Bytes ?? 0);

    public SlowClientPolicy PolicyFor(PreparedMessage message) => message.Options?.SlowClientPolicy ?? bounds.Policy;

    /// <summary>Adds the drops since the last time, by reason. For one caller at a time; it needs no lock of the queue.</summary>
    public void TakeDrops(Span<long> sums) => Volatile.Read(ref _drops)?.Take(sums);

    /// <summary>Accepts the message, or applies its policy. Never waits.</summary>
    /// <returns><see cref="WriteResult.Dropped"/> when the queue is full; the caller disconnects where that is the policy.</returns>
    public WriteResult Write(PreparedMessage message)
    {
        var item = Item(message);
        var effects = default(QueueEffects);
        while (true)
        {
            bool done;
            WriteResult result;
            using (_lock.Enter())
                done = TryAccept(item, ref effects, out result);

            if (!done)
                continue;

            Publish(effects);
            return result;
        }
    }

    /// <summary>Accepts the message, at once or when there is room. A caller that finds too many waiting is refused.</summary>
    public ValueTask<WriteResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        if (message.Length > bounds.MaxBytes)
        {
            throw new ArgumentException(
                $"A message of {message.Length} bytes can never be queued: the limit is {bounds.MaxBytes} bytes " +
                $"({nameof(ClientOptions)}.{nameof(ClientOptions.MaxQueuedBytes)}).",
                nameof(message));
        }

        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<WriteResult>(cancellationToken);

        var item = Item(message);
        var effects = default(QueueEffects);
        WriteResult result;
        WaitingWrite? waiting;
        using (_lock.Enter())
            result = AcceptOrWait(item, ref effects, out waiting);

        Publish(effects);
        return waiting is null ? new ValueTask<WriteResult>(result) : new ValueTask<WriteResult>(waiting.WaitAsync(cancellationToken));
    }

    /// <summary>Queues a ping or a pong, ahead of the messages.</summary>
    public void WriteControl(PreparedMessage frame)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
        {
            _control.Set(frame);
            WakePump(ref effects);
        }

        Publish(effects);
    }

    /// <summary>A caller who waited gives up: those behind it may fit.</summary>
    /// <returns>False when it does not wait any more: something else has become of it.</returns>
    public bool TryRemove(WaitingWrite write)
    {
        var effects = default(QueueEffects);
        using (_lock.Enter())
        {
            // When the queue is completed, those who wait are told that.
            if (_completed || !_waiting.Remove(write))
                return false;

            Changed(ref effects);
        }

        Publish(effects);
        return true;
    }

    /// <returns>False when a part of the room was made, and there is more to drop.</returns>
    private bool TryAccept(in QueuedMessage item, ref QueueEffects effects, out WriteResult result)
    {
        var message = item.Message;
        result = WriteResult.Queued;
        if (_completed)
        {
            result = WriteResult.Closed;
            return true;
        }

        if (!HasRoomFor(message))
        {
            if (message.Length > bounds.MaxBytes)
            {
                result = WriteResult.TooLarge;
                return true;
            }

            if (PolicyFor(message) is SlowClientPolicy.DropOldest or SlowClientPolicy.Conflate && !TryMakeRoom(message, ref effects))
                return false;

            if (!HasRoomFor(message))
            {
                result = WriteResult.Dropped;
                Refuse(message, ref effects);
                Changed(ref effects);
                return true;
            }
        }

        Enqueue(item, ref effects);
        WakePump(ref effects);
        Changed(ref effects);
        return true;
    }

    private WriteResult AcceptOrWait(in QueuedMessage item, ref QueueEffects effects, out WaitingWrite? waiting)
    {
        var message = item.Message;
        waiting = null;
        if (_completed)
            return WriteResult.Closed;

        var fits = ReplacedBy(message) is not null
            ? HasRoomFor(message)
            : _waiting.First is null && bounds.HasRoomForWaiting(Count, Bytes, message.Length);
        if (fits)
        {
            Enqueue(item, ref effects);
            WakePump(ref effects);
        }
        else if (bounds.MayWait(_waiting.Count, _waiting.Bytes, message.Length))
        {
            waiting = new WaitingWrite(message, item.ExpiresAt, this) { Work = time as IWorkCounter };
            _waiting.Add(waiting);
            WakePump(ref effects);
        }
        else
        {
            Refuse(message, ref effects);
            return WriteResult.Dropped;
        }

        Changed(ref effects);
        return WriteResult.Queued;
    }

    private bool HasRoomFor(PreparedMessage message) => ReplacedBy(message) is { } replaced
        ? bounds.HasRoom(Count - 1, Bytes - replaced.Length, message.Length)
        : bounds.HasRoom(Count, Bytes, message.Length);

    /// <summary>Drops the oldest messages. The newest value of a key is none of those that may give way.</summary>
    /// <returns>False when there are more to drop.</returns>
    private bool TryMakeRoom(PreparedMessage message, ref QueueEffects effects)
    {
        for (var dropped = 0; _messages.Count > 0 && !HasRoomFor(message); dropped++)
        {
            if (dropped == MaxAtOnce)
                return false;

            Drop(_messages.Dequeue().Message, DropReason.Evicted, ref effects);
        }

        return true;
    }

    /// <summary>Counts a message that found no room, unless its client is disconnected for it.</summary>
    private void Refuse(PreparedMessage message, ref QueueEffects effects)
    {
        var policy = PolicyFor(message);
        if (policy is SlowClientPolicy.Disconnect)
            return;

        effects.HasTooManyKeys = policy is not SlowClientPolicy.DropNewest && _messages.Count == 0 && _keyed is not null;
        Note(message, DropReason.QueueFull, ref effects);
    }

    private void Enqueue(in QueuedMessage item, ref QueueEffects effects)
    {
        if (KeyOf(item.Message) is not { } key)
        {
            _messages.Enqueue(item);
            return;
        }

        _keyed ??= new KeyedMessages();
        if (!_keyed.TryFind(key, out var replaced))
        {
            _keyed.Add(key, item, goesBefore: _messages.TailNumber);
            return;
        }

        _keyed.Replace(key, item);
        Drop(replaced, DropReason.Replaced, ref effects);
    }

    private PreparedMessage? ReplacedBy(PreparedMessage message) =>
        _keyed is not null && KeyOf(message) is { } key && _keyed.TryFind(key, out var replaced) ? replaced : null;

    private string? KeyOf(PreparedMessage message) =>
        message.Options is { ConflationKey: string key } && PolicyFor(message) is SlowClientPolicy.Conflate ? key : null;

    /// <summary>For a message that had been let in: whoever follows it is told as well.</summary>
    private void Drop(PreparedMessage message, DropReason reason, ref QueueEffects effects)
    {
        effects.Settle(message);
        Note(message, reason, ref effects);
    }

    private void Note(PreparedMessage message, DropReason reason, ref QueueEffects effects)
    {
        _dropped++;
        (_drops ??= new DropCounters()).Add(reason);
        if (events.WantsDrops)
            (effects.Dropped ??= []).Add((message.Detached(), reason));
    }

    /// <summary>Reads the clock where the message needs it: that is no thing to do under the lock.</summary>
    private QueuedMessage Item(PreparedMessage message) =>
        new(message, message.Options?.TimeToLive is { } timeToLive ? Expiry(timeToLive) : 0);

    private long Expiry(TimeSpan timeToLive) => time.GetTimestamp() + (long)(timeToLive.TotalSeconds * time.TimestampFrequency);
}
