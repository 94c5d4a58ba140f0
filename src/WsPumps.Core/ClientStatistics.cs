namespace WsPumps;

/// <summary>The state and the counters of a client at one moment. All zero for a client that keeps no statistics.</summary>
public readonly record struct ClientStatistics
{
    /// <summary>When the client was made.</summary>
    public DateTimeOffset ConnectedAt { get; init; }

    /// <summary>When the peer last sent anything, to within a second; at first, when the client was made.</summary>
    public DateTimeOffset LastReceivedAt { get; init; }

    /// <summary>The time from the latest answered ping to its pong; null before the first, and where the client sends no pings.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>
    /// Messages that are held for it: those in its queue, those that the transport has not taken yet, and those whose writers wait for room
    /// (<see cref="WaitingMessages"/>). Apart from the latter, every accepted message is sent, dropped, unsent or queued.
    /// </summary>
    public int QueuedMessages { get; init; }

    /// <summary>Payload bytes of the messages that are held for it.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>
    /// The queued messages that are not accepted yet, because the callers of
    /// <see cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/> still wait for room.
    /// </summary>
    public int WaitingMessages { get; init; }

    /// <summary>Messages handed to the transport.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Payload bytes handed to the transport, as they go over the wire.</summary>
    /// <remarks>With resumable sessions, compressed messages count with their uncompressed size.</remarks>
    public long BytesSent { get; init; }

    /// <summary>The same bytes before compression; equal to <see cref="BytesSent"/> when nothing was compressed.</summary>
    public long UncompressedBytesSent { get; init; }

    /// <summary>Messages received whole.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Payload bytes of the messages received whole, decompressed.</summary>
    public long BytesReceived { get; init; }

    /// <summary>The same bytes as they came over the wire; equal to <see cref="BytesReceived"/> when the peer compressed nothing.</summary>
    public long CompressedBytesReceived { get; init; }

    /// <summary>Messages that were dropped, for any <see cref="DropReason"/>.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Whether frames are now written directly to the TCP socket, bypassing the output of the server.</summary>
    public bool WritesDirectly { get; init; }
}
