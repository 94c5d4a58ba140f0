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

    public long MessagesDropped { get; init; }

    public long MessagesUnsent { get; init; }

    public long BytesUnsent { get; init; }
}
