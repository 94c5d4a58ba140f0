namespace WsPumps;

/// <summary>What can be said about a client at a moment.</summary>
/// <param name="ConnectedAt">When the client was made.</param>
/// <param name="LastReceivedAt">When the peer last sent anything, to within a second; at first, when the client was made.</param>
/// <param name="RoundTripTime">From the latest ping that was answered to its pong; null where none was.</param>
/// <param name="QueuedMessages">Messages that wait in its queue.</param>
/// <param name="QueuedBytes">Payload bytes that wait in its queue.</param>
/// <param name="MessagesSent">Messages handed to the transport.</param>
/// <param name="BytesSent">Payload bytes handed to the transport.</param>
/// <param name="MessagesReceived">Messages received whole.</param>
/// <param name="BytesReceived">Payload bytes of the messages received whole.</param>
/// <param name="MessagesDropped">Messages that were dropped, for whatever <see cref="DropReason"/>.</param>
public readonly record struct ClientStatistics(
    DateTimeOffset ConnectedAt,
    DateTimeOffset LastReceivedAt,
    TimeSpan? RoundTripTime,
    int QueuedMessages,
    long QueuedBytes,
    long MessagesSent,
    long BytesSent,
    long MessagesReceived,
    long BytesReceived,
    long MessagesDropped);
