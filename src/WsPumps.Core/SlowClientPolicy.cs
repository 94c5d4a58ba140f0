namespace WsPumps;

/// <summary>What happens to a message that is written without waiting to a client whose queue is full.</summary>
public enum SlowClientPolicy
{
    /// <summary>The client is disconnected with 1008. It comes back and starts again, so nothing is lost without a trace.</summary>
    Disconnect,

    /// <summary>The new message is dropped. For messages that are worth less than those before them.</summary>
    DropNewest,

    /// <summary>The oldest messages are dropped until the new one fits. For streams in which the latest matters most.</summary>
    DropOldest,

    /// <summary>
    /// A message with a <see cref="MessageOptions.ConflationKey"/> takes the place of the queued one with the same key, however full the
    /// queue is: a slow client gets the newest value of each key, a fast one all values. Where no message has the key and the queue is
    /// full, the oldest without a key are dropped; if there are none, the new one is refused.
    /// </summary>
    Conflate,
}
