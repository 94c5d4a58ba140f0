namespace WsPumps;

/// <summary>What became of a message that was written to a client.</summary>
public enum WriteResult
{
    /// <summary>Nothing is known: the value of a variable that was never set. No write returns it.</summary>
    Unknown,

    /// <summary>
    /// The message has its place in the client's queue. It is sent in the order of acceptance, or is counted as unsent in
    /// the client's <see cref="DisconnectRecord"/>. It does not mean that the peer received it.
    /// </summary>
    Queued,

    /// <summary>
    /// The queue was full and the message was not accepted. By default the client is being disconnected as too slow (1008), see
    /// <see cref="SlowClientPolicy"/>.
    /// </summary>
    Dropped,

    /// <summary>The message alone is larger than <see cref="ClientOptions.MaxQueuedBytes"/> and was not accepted.</summary>
    TooLarge,

    /// <summary>The connection is closing or has ended. The message was not accepted.</summary>
    Closed,

    /// <summary>
    /// The message was handed to the transport. Only <c>DeliverAsync</c> waits for that. It does not mean that the peer received it.
    /// </summary>
    Sent,
}
