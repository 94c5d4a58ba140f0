using WsPumps.Inbound;
using WsPumps.Outbound;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>What has gone over a connection so far, gathered from those who count it.</summary>
internal sealed class ConnectionCounters(BoundedQueue queue, WritePump writePump, ReadPump readPump, ControlFrames control, Transport transport, TimeProvider time)
{
    private readonly long _createdAt = time.GetTimestamp();
    private readonly DateTimeOffset _connectedAt = time.GetUtcNow();

    public ClientStatistics Now() => new()
    {
        ConnectedAt = _connectedAt,
        LastReceivedAt = _connectedAt + control.LastReceivedAfter(_createdAt),
        RoundTripTime = control.RoundTripTime,
        QueuedMessages = queue.Count,
        QueuedBytes = queue.Bytes,
        MessagesSent = writePump.MessagesSent,
        BytesSent = writePump.BytesSent,
        MessagesReceived = readPump.MessagesReceived,
        BytesReceived = readPump.BytesReceived,
        MessagesDropped = queue.Dropped,
        WritesDirectly = transport.IsDirect,
    };

    /// <summary>Its part in the totals of the application, without the write stalls.</summary>
    public PumpsTotals Totals() => new()
    {
        MessagesSent = writePump.MessagesSent,
        BytesSent = writePump.BytesSent,
        MessagesReceived = readPump.MessagesReceived,
        BytesReceived = readPump.BytesReceived,
        QueuedMessages = queue.Count,
        QueuedBytes = queue.Bytes,
        MessagesDropped = queue.Dropped,
        MessagesUnsent = queue.Discarded.Messages + writePump.MessagesFailed,
    };

    /// <summary>How the connection ended, to be asked for when both pumps have.</summary>
    public DisconnectRecord Close(Ending ending) => new()
    {
        Reason = ending.Cause!.Reason,
        Exception = ending.Cause.Exception,
        LocalStatus = ending.StatusSent,
        LocalReason = ending.ReasonSent,
        PeerStatus = transport.PeerStatus,
        PeerReason = transport.PeerReason,
        Duration = time.GetElapsedTime(_createdAt),
        MessagesSent = writePump.MessagesSent,
        BytesSent = writePump.BytesSent,
        MessagesReceived = readPump.MessagesReceived,
        BytesReceived = readPump.BytesReceived,
        MessagesUnsent = queue.Discarded.Messages + writePump.MessagesFailed,
        BytesUnsent = queue.Discarded.Bytes + writePump.BytesFailed,
        MessagesDropped = queue.Dropped,
    };
}
