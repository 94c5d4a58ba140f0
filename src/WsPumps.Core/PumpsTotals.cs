namespace WsPumps;

/// <summary>What all clients that share a <see cref="PumpsMetrics"/> have done together. Of a connection that is open, it is what was so a second ago at most.</summary>
/// <param name="MessagesSent">Messages handed to the transport.</param>
/// <param name="BytesSent">Payload bytes handed to the transport.</param>
/// <param name="MessagesReceived">Messages received whole.</param>
/// <param name="BytesReceived">Payload bytes of the messages received whole.</param>
/// <param name="QueuedMessages">Messages that wait in the queues of the open connections.</param>
/// <param name="QueuedBytes">Payload bytes that wait in the queues of the open connections.</param>
/// <param name="MessagesDropped">Messages that were dropped, for whatever <see cref="DropReason"/>.</param>
/// <param name="MessagesUnsent">Messages that were accepted and still not handed to the transport when their connection ended.</param>
/// <param name="WriteStalls">Writes to a peer that took longer than a second.</param>
public readonly record struct PumpsTotals(
    long MessagesSent,
    long BytesSent,
    long MessagesReceived,
    long BytesReceived,
    long QueuedMessages,
    long QueuedBytes,
    long MessagesDropped,
    long MessagesUnsent,
    long WriteStalls)
{
    internal PumpsTotals Plus(in PumpsTotals other) => new(
        MessagesSent + other.MessagesSent,
        BytesSent + other.BytesSent,
        MessagesReceived + other.MessagesReceived,
        BytesReceived + other.BytesReceived,
        QueuedMessages + other.QueuedMessages,
        QueuedBytes + other.QueuedBytes,
        MessagesDropped + other.MessagesDropped,
        MessagesUnsent + other.MessagesUnsent,
        WriteStalls + other.WriteStalls);

    internal PumpsTotals Minus(in PumpsTotals other) => new(
        MessagesSent - other.MessagesSent,
        BytesSent - other.BytesSent,
        MessagesReceived - other.MessagesReceived,
        BytesReceived - other.BytesReceived,
        QueuedMessages - other.QueuedMessages,
        QueuedBytes - other.QueuedBytes,
        MessagesDropped - other.MessagesDropped,
        MessagesUnsent - other.MessagesUnsent,
        WriteStalls - other.WriteStalls);
}
