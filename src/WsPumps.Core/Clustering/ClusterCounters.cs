namespace WsPumps.Clustering;

/// <summary>What went over the backplane, and what did not. Safe for concurrent use.</summary>
internal sealed class ClusterCounters
{
    private long _published;
    private long _received;
    private long _outboxDropped;
    private long _missing;
    private long _repeated;
    private long _ignored;

    public void Published() => Interlocked.Increment(ref _published);

    public void Received() => Interlocked.Increment(ref _received);

    public void OutboxDropped() => Interlocked.Increment(ref _outboxDropped);

    public void Missing(long count) => Interlocked.Add(ref _missing, count);

    public void Repeated() => Interlocked.Increment(ref _repeated);

    public void Ignored() => Interlocked.Increment(ref _ignored);

    public ClusterStatistics Read(int outboxMessages, long outboxBytes) => new()
    {
        MessagesPublished = Volatile.Read(ref _published),
        MessagesReceived = Volatile.Read(ref _received),
        MessagesDropped = Volatile.Read(ref _outboxDropped),
        MessagesMissing = Volatile.Read(ref _missing),
        MessagesRepeated = Volatile.Read(ref _repeated),
        MessagesIgnored = Volatile.Read(ref _ignored),
        QueuedMessages = outboxMessages,
        QueuedBytes = outboxBytes,
    };
}
