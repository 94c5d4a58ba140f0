namespace WsPumps;

/// <summary>Why a message did not reach a client that is still connected.</summary>
public enum DropReason
{
    /// <summary>Nothing is known: the value of a variable that was never set. No message is dropped with it.</summary>
    Unknown,

    /// <summary>The queue was full and the message was the newest (<see cref="SlowClientPolicy.DropNewest"/>).</summary>
    QueueFull,

    /// <summary>The queue was full and the message was the oldest (<see cref="SlowClientPolicy.DropOldest"/>).</summary>
    Evicted,

    /// <summary>A newer message with the same key took its place (<see cref="SlowClientPolicy.Conflate"/>).</summary>
    Replaced,

    /// <summary>It had waited longer than its <see cref="MessageOptions.TimeToLive"/>.</summary>
    Expired,

    /// <summary>All queues together held more than the <see cref="QueueBudget"/>, and this client was the furthest behind.</summary>
    OverBudget,
}
