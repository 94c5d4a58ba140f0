using WsPumps.Inbound;
using WsPumps.Outbound;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>What has gone over a connection so far, gathered from those who count it.</summary>
internal sealed class ConnectionCounters(OutboundQueue queue, ReadPump readPump, ControlFrames control, Transport transport,
    TimeProvider time)
{
    private readonly long _createdAt = time.GetTimestamp();
    private readonly DateTimeOffset _createdOn = time.GetUtcNow();

    /// <summary>Of a session that has come from another server: there.</summary>
    public required DateTimeOffset ConnectedAt { get; init; }

    public ClientStatistics Now()
    {
        var written = queue.Counters();
        return new ClientStatistics
        {
            ConnectedAt = ConnectedAt,
            LastReceivedAt = _createdOn + control.LastReceivedAfter(_createdAt),
            RoundTripTime = control.RoundTripTime,
            QueuedMessages = written.QueuedMessages,
            QueuedBytes = written.QueuedBytes,
            WaitingMessages = written.WaitingMessages,
            MessagesSent = written.MessagesSent,
            BytesSent = written.BytesSent,
            UncompressedBytesSent = written.BytesSent + written.BytesSaved,
            MessagesReceived = readPump.MessagesReceived,
            BytesReceived = readPump.BytesReceived,
            CompressedBytesReceived = readPump.BytesReceived - readPump.BytesInflated,
            MessagesDropped = written.MessagesDropped,
            WritesDirectly = transport.IsDirect,
        };
    }

    /// <summary>Its part in the totals of the application, without the write stalls.</summary>
    public PumpsTotals Totals()
    {
        var written = queue.Counters();
        return new PumpsTotals
        {
            MessagesSent = written.MessagesSent,
            BytesSent = written.BytesSent,
            UncompressedBytesSent = written.BytesSent + written.BytesSaved,
            MessagesReceived = readPump.MessagesReceived,
            BytesReceived = readPump.BytesReceived,
            CompressedBytesReceived = readPump.BytesReceived - readPump.BytesInflated,
            QueuedMessages = written.QueuedMessages,
            QueuedBytes = written.QueuedBytes,
            MessagesDropped = written.MessagesDropped,
            MessagesUnsent = written.MessagesUnsent,
        };
    }

    /// <summary>How the connection ended, to be asked for when both pumps have.</summary>
    public DisconnectRecord Close(Disconnection disconnection)
    {
        var written = queue.Counters();
        return new DisconnectRecord
        {
            Reason = disconnection.Cause!.Reason,
            Exception = disconnection.Cause.Exception,
            LocalStatus = disconnection.StatusSent,
            LocalReason = disconnection.ReasonSent,
            PeerStatus = transport.PeerStatus,
            PeerReason = transport.PeerReason,
            Duration = time.GetElapsedTime(_createdAt),
            MessagesSent = written.MessagesSent,
            BytesSent = written.BytesSent,
            MessagesReceived = readPump.MessagesReceived,
            BytesReceived = readPump.BytesReceived,
            MessagesUnsent = written.MessagesUnsent,
            BytesUnsent = written.BytesUnsent,
            MessagesDropped = written.MessagesDropped,
        };
    }
}
