namespace WsPumps.Outgoing;

/// <summary>
/// What was accepted and is not settled: those that wait, in order, and those that are being handed over. Bounded in messages and bytes.
/// Without a lock: its owner has one.
/// </summary>
internal sealed class AcceptedMessages(int maxMessages, long maxBytes)
{
    private readonly LinkedList<OutgoingMessage> _waiting = new();

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>When the first of those that wait expires; null where none waits.</summary>
    public long? NextExpiry => HasWaiting ? _waiting.Min(static message => message.Expires) : null;

    public bool HasRoomFor(PreparedMessage message) => Count < maxMessages && Bytes + message.Length <= maxBytes;

    public void Add(OutgoingMessage message, bool waits)
    {
        Count++;
        Bytes += message.Message.Length;
        if (waits)
            message.Waiting = _waiting.AddLast(message);
    }

    /// <summary>Takes the oldest ones. They count until they are released or put back.</summary>
    public void Take(List<OutgoingMessage> taken, int atMost, long bytesAtMost)
    {
        while (_waiting.First is { } first && taken.Count < atMost && bytesAtMost > 0)
        {
            var message = first.Value;
            Remove(message);
            bytesAtMost -= message.Message.Length;
            taken.Add(message);
        }
    }

    public void PutBack(ReadOnlySpan<OutgoingMessage> taken)
    {
        for (var i = taken.Length - 1; i >= 0; i--)
            taken[i].Waiting = _waiting.AddFirst(taken[i]);
    }

    public List<OutgoingMessage> WaitingWhere(Func<OutgoingMessage, bool> condition) => [.. _waiting.Where(condition)];

    /// <summary>It counts no longer, whether it waits or was taken.</summary>
    public void Release(OutgoingMessage message)
    {
        if (message.Waiting is not null)
            Remove(message);
        Count--;
        Bytes -= message.Message.Length;
    }

    private void Remove(OutgoingMessage message)
    {
        _waiting.Remove(message.Waiting!);
        message.Waiting = null;
    }
}
