namespace WsPumps.Outbound;

/// <summary>
/// What became of the messages that were written to a client, at one moment: all that it accepted are sent, dropped, unsent or queued.
/// Queued are also those that the transport has not taken yet, and those whose writers still wait for room.
/// </summary>
internal readonly record struct OutboundCounters
{
    public int QueuedMessages { get; init; }

    public long QueuedBytes { get; init; }

    /// <summary>Those of the queued messages that are not accepted yet.</summary>
    public int WaitingMessages { get; init; }

    public long MessagesSent { get; init; }

    public long BytesSent { get; init; }

    /// <summary>By how many bytes what was sent was more before it was compressed.</summary>
    public long BytesSaved { get; init; }

    public long MessagesDropped { get; init; }

    public long MessagesUnsent { get; init; }

    public long BytesUnsent { get; init; }

    /// <param name="messages">The messages that wait.</param>
    /// <param name="streamed">The one that is streamed.</param>
    /// <param name="deliveries">What became of the others.</param>
    public static OutboundCounters Of(in BoundedMessages messages, in StreamSlot streamed, in DeliveryCounters deliveries) => new()
    {
        QueuedMessages = messages.Count + messages.WaitingCount + deliveries.InFlight.Messages + streamed.Count,
        QueuedBytes = messages.Bytes + messages.WaitingBytes + deliveries.InFlight.Bytes + streamed.Bytes,
        WaitingMessages = messages.WaitingCount,
        MessagesSent = deliveries.Sent.Messages,
        BytesSent = deliveries.Sent.Bytes,
        BytesSaved = deliveries.Saved,
        MessagesDropped = messages.Dropped,
        MessagesUnsent = deliveries.Unsent.Messages,
        BytesUnsent = deliveries.Unsent.Bytes,
    };
}
