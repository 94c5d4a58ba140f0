namespace WsPumps;

/// <summary>
/// What all clients that share a <see cref="PumpsMetrics"/> have done together. Of a connection that is open, it is what was so a second
/// ago at most.
/// </summary>
public readonly record struct PumpsTotals
{
    /// <summary>Messages handed to the transport.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Payload bytes handed to the transport, as they go over the wire.</summary>
    /// <remarks>Where sessions resume, what is compressed is counted as it was before.</remarks>
    public long BytesSent { get; init; }

    /// <summary>
    /// The same before compression; as many as <see cref="BytesSent"/> where nothing was compressed.
    /// </summary>
    public long UncompressedBytesSent { get; init; }

    /// <summary>Messages received whole.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Payload bytes of the messages received whole, decompressed.</summary>
    public long BytesReceived { get; init; }

    /// <summary>
    /// The same as they came over the wire; as many as <see cref="BytesReceived"/> where the peer compressed nothing.
    /// </summary>
    public long CompressedBytesReceived { get; init; }

    /// <summary>Messages that wait in the queues of the open connections.</summary>
    public long QueuedMessages { get; init; }

    /// <summary>Payload bytes that wait in the queues of the open connections.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Messages that were dropped, for whatever <see cref="DropReason"/>.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Messages that were accepted and still not handed to the transport when their connection ended.</summary>
    public long MessagesUnsent { get; init; }

    /// <summary>Writes to a peer that took longer than a second.</summary>
    public long WriteStalls { get; init; }

    internal PumpsTotals Plus(in PumpsTotals other) => new()
    {
        MessagesSent = MessagesSent + other.MessagesSent,
        BytesSent = BytesSent + other.BytesSent,
        UncompressedBytesSent = UncompressedBytesSent + other.UncompressedBytesSent,
        MessagesReceived = MessagesReceived + other.MessagesReceived,
        BytesReceived = BytesReceived + other.BytesReceived,
        CompressedBytesReceived = CompressedBytesReceived + other.CompressedBytesReceived,
        QueuedMessages = QueuedMessages + other.QueuedMessages,
        QueuedBytes = QueuedBytes + other.QueuedBytes,
        MessagesDropped = MessagesDropped + other.MessagesDropped,
        MessagesUnsent = MessagesUnsent + other.MessagesUnsent,
        WriteStalls = WriteStalls + other.WriteStalls,
    };

    internal PumpsTotals Minus(in PumpsTotals other) => new()
    {
        MessagesSent = MessagesSent - other.MessagesSent,
        BytesSent = BytesSent - other.BytesSent,
        UncompressedBytesSent = UncompressedBytesSent - other.UncompressedBytesSent,
        MessagesReceived = MessagesReceived - other.MessagesReceived,
        BytesReceived = BytesReceived - other.BytesReceived,
        CompressedBytesReceived = CompressedBytesReceived - other.CompressedBytesReceived,
        QueuedMessages = QueuedMessages - other.QueuedMessages,
        QueuedBytes = QueuedBytes - other.QueuedBytes,
        MessagesDropped = MessagesDropped - other.MessagesDropped,
        MessagesUnsent = MessagesUnsent - other.MessagesUnsent,
        WriteStalls = WriteStalls - other.WriteStalls,
    };
}
