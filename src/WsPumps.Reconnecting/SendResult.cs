namespace WsPumps;

/// <summary>What became of a message that was written to a <see cref="ReconnectingClient"/>.</summary>
public enum SendResult
{
    /// <summary>
    /// It was handed to a connection that was lost before it was known to have left. The peer may have received it, or not.
    /// </summary>
    Unknown,

    /// <summary>It was handed to the transport of a connection. It does not mean that the peer received it.</summary>
    Sent,

    /// <summary>It waited longer than its time to live, and was not sent.</summary>
    Expired,

    /// <summary>
    /// The queue was full, and the message was not accepted: <see cref="ReconnectingClientOptions.MaxQueuedMessages"/>,
    /// <see cref="ReconnectingClientOptions.MaxQueuedBytes"/>.
    /// </summary>
    Full,

    /// <summary>The client was closed for good before it was sent.</summary>
    Closed,
}
