namespace WsPumps.Outgoing;

/// <summary>One accepted message, which is settled once. Its other members belong to the queue and are changed under its lock.</summary>
internal sealed class OutgoingMessage(PreparedMessage message, long expires)
    : TaskCompletionSource<SendResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public PreparedMessage Message => message;

    /// <summary>The timestamp of the clock from which on it is no longer sent.</summary>
    public long Expires => expires;

    /// <summary>Its number in the session, from 1 on, once a connection has accepted it.</summary>
    public long Number { get; set; }

    /// <summary>Whether its end is counted already, or nobody waits for it.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Its place in the queue while it waits; null once it was taken or settled.</summary>
    public LinkedListNode<OutgoingMessage>? Waiting { get; set; }
}
