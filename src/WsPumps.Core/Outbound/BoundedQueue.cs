namespace WsPumps.Outbound;

/// <summary>
/// The messages of one client within their bounds: what is let in when it is full, what is dropped instead, what has expired
/// when its turn comes. Without a lock: <see cref="OutboundChannel"/> guards it and acts on the notices.
/// </summary>
internal sealed class BoundedQueue(OutboundBounds bounds, TimeProvider time, QueueEvents events)
{
    private MessageQueue _messages;
    private DropCounts? _drops;

    public int Count => _messages.Count;

    public long Bytes => _messages.Bytes;

    public long MaxBytes => bounds.MaxBytes;

    public SlowClientPolicy Policy => bounds.Policy;

    /// <summary>Whether the high watermark was reached, and the low one not yet again.</summary>
    public bool IsHigh { get; private set; }

    /// <summary>How many messages were dropped, for whatever <see cref="DropReason"/>.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds the drops since the last time, by reason. For one caller at a time; it needs no lock of the queue.</summary>
    public void TakeDrops(Span<long> sums) => Volatile.Read(ref _drops)?.Take(sums);

    /// <summary>What <see cref="Discard"/> threw away.</summary>
    public (long Messages, long Bytes) Discarded { get; private set; }

    public SlowClientPolicy PolicyFor(PreparedMessage message) => message.Options?.SlowClientPolicy ?? bounds.Policy;

    public bool HasRoomFor(PreparedMessage message) => Count < bounds.MaxMessages && Bytes + message.Length <= bounds.MaxBytes;

    public void Accept(PreparedMessage message) => _messages.Enqueue(Item(message), KeyOf(message));

    /// <summary>Lets the message in where that is all there is to do: it asks for nothing, and the queue stays below its high watermark.</summary>
    public bool TryAcceptPlain(PreparedMessage message)
    {
        if (message.Options is not null || IsHigh || bounds.IsHigh(Count + 1, Bytes + message.Length))
            return false;

        _messages.Enqueue(new QueuedMessage(message, ExpiresAt: 0), key: null);
        return true;
    }

    /// <summary>Lets the message in, or applies its policy.</summary>
    /// <param name="message">The message.</param>
    /// <param name="othersWait">Whether callers wait for room. They come first, unless the policy makes room by dropping.</param>
    /// <param name="notice">What came of it.</param>
    public WriteResult TryAccept(PreparedMessage message, bool othersWait, ref QueueNotice notice)
    {
        var policy = PolicyFor(message);
        if (message.Length > bounds.MaxBytes)
            return WriteResult.TooLarge;
        if (policy is SlowClientPolicy.Conflate && TryReplace(message, ref notice))
            return WriteResult.Queued;

        if (!HasRoomFor(message) || othersWait)
        {
            if (policy is SlowClientPolicy.Disconnect)
                return WriteResult.Dropped;
            if (policy is SlowClientPolicy.DropNewest)
            {
                Note(message, DropReason.QueueFull, ref notice);
                return WriteResult.Dropped;
            }

            while (!HasRoomFor(message))
                Drop(_messages.Dequeue().Message, DropReason.Evicted, ref notice);
        }

        Accept(message);
        return WriteResult.Queued;
    }

    /// <summary>Takes the oldest messages that have not expired, as many as fit; one that is too long for any batch comes alone.</summary>
    /// <param name="batch">Where they are put, behind those that are there.</param>
    /// <param name="count">How many are in the batch.</param>
    /// <param name="room">How many bytes of frames are wanted.</param>
    /// <param name="notice">What came of it.</param>
    public void Take(Span<PreparedMessage> batch, ref int count, int room, ref QueueNotice notice)
    {
        while (Count > 0 && count < batch.Length)
        {
            var length = _messages.Peek().FrameLength;
            if (length > room && count > 0)
                return;

            var item = _messages.Dequeue();
            if (item.ExpiresAt != 0 && time.GetTimestamp() >= item.ExpiresAt)
            {
                Drop(item.Message, DropReason.Expired, ref notice);
                continue;
            }

            batch[count++] = item.Message;
            room -= length;
        }
    }

    /// <summary>Drops the oldest messages until at most <paramref name="keepBytes"/> are left.</summary>
    public void Shed(long keepBytes, ref QueueNotice notice)
    {
        while (Count > 0 && Bytes > keepBytes)
            Drop(_messages.Dequeue().Message, DropReason.OverBudget, ref notice);
    }

    /// <summary>Empties the queue because the connection ends: counted as unsent, not as dropped.</summary>
    public void Discard(ref QueueNotice notice)
    {
        Discarded = (Discarded.Messages + Count, Discarded.Bytes + Bytes);
        while (Count > 0)
            notice.Settle(_messages.Dequeue().Message);
    }

    /// <summary>Notes whether a watermark was passed. After every change.</summary>
    public void CheckWatermarks(ref QueueNotice notice)
    {
        if (IsHigh ? !bounds.IsLow(Count, Bytes) : !bounds.IsHigh(Count, Bytes))
            return;

        IsHigh = !IsHigh;
        notice.PassedWatermark = true;
    }

    private bool TryReplace(PreparedMessage message, ref QueueNotice notice)
    {
        if (!_messages.TryReplace(Item(message), message.Options?.ConflationKey, bounds.MaxBytes, out var replaced))
            return false;

        Drop(replaced, DropReason.Replaced, ref notice);
        return true;
    }

    private QueuedMessage Item(PreparedMessage message) => new(
        message,
        message.Options?.TimeToLive is { } timeToLive ? time.GetTimestamp() + (long)(timeToLive.TotalSeconds * time.TimestampFrequency) : 0);

    private string? KeyOf(PreparedMessage message) => PolicyFor(message) is SlowClientPolicy.Conflate ? message.Options?.ConflationKey : null;

    /// <summary>For a message that had been let in: whoever follows it is told as well.</summary>
    private void Drop(PreparedMessage message, DropReason reason, ref QueueNotice notice)
    {
        notice.Settle(message);
        Note(message, reason, ref notice);
    }

    private void Note(PreparedMessage message, DropReason reason, ref QueueNotice notice)
    {
        Dropped++;
        (_drops ??= new DropCounts()).Add(reason);
        if (events.WantsDrops)
            (notice.Dropped ??= []).Add((message.Detached(), reason));
    }
}
