namespace WsPumps;

/// <summary>What a connection has done so far. Read without a lock: the values are each right, but not all of the same instant.</summary>
/// <param name="ConnectedAt">When the client was made.</param>
/// <param name="LastReceivedAt">When the last byte came from the peer, pongs included.</param>
/// <param name="RoundTripTime">Between the last ping and its answer; null before the first.</param>
/// <param name="QueuedMessages">Messages that wait to be sent.</param>
/// <param name="QueuedBytes">Payload bytes that wait to be sent.</param>
/// <param name="MessagesSent">Messages handed to the transport.</param>
/// <param name="BytesSent">Payload bytes handed to the transport.</param>
/// <param name="MessagesReceived">Messages received whole.</param>
/// <param name="BytesReceived">Payload bytes of the messages received whole.</param>
/// <param name="MessagesDropped">Messages that the queue had no room for, or gave up for newer ones.</param>
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
