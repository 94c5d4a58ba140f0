namespace WsPumps;

/// <summary>What can be said about a client at a moment. All zero for a client that keeps no statistics.</summary>
public readonly record struct ClientStatistics
{
    /// <summary>When the client was made.</summary>
    public DateTimeOffset ConnectedAt { get; init; }

    /// <summary>When the peer last sent anything, to within a second; at first, when the client was made.</summary>
    public DateTimeOffset LastReceivedAt { get; init; }

    /// <summary>From the latest ping that was answered to its pong; null before the first, and where the client sends no pings.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>
    /// Messages that are held for it: those in its queue, those that the transport has not taken yet, and those whose writers wait for room
    /// (<see cref="WaitingMessages"/>). Without the latter, all that it has accepted are sent, dropped, unsent or queued.
    /// </summary>
    public int QueuedMessages { get; init; }

    /// <summary>Payload bytes of the messages that are held for it.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>
    /// Those of the queued messages that are not accepted yet: their callers of
    /// <see cref="IClient.WriteAsync(PreparedMessage, CancellationToken)"/> wait for room.
    /// </summary>
    public int WaitingMessages { get; init; }

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

    /// <summary>Messages that were dropped, for whatever <see cref="DropReason"/>.</summary>
    public long MessagesDropped { get; init; }

    /// <summary>Whether frames go straight to the TCP socket by now, past the output of the server.</summary>
    public bool WritesDirectly { get; init; }
}
