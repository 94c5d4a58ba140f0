namespace WsPumps;

/// <summary>What had become of the copies of one message, one for each client, when the wait for their delivery ended.</summary>
public readonly record struct DeliveryResult
{
    /// <summary>Copies that were handed to their transport.</summary>
    public int Delivered { get; init; }

    /// <summary>
    /// Copies that no queue took, and those that a queue took and discarded later: for newer messages, with its connection, or because the
    /// write failed.
    /// </summary>
    public int Dropped { get; init; }

    /// <summary>Clients whose connection was already ending.</summary>
    public int Closed { get; init; }

    /// <summary>Copies that were still queued. They stay queued and may still be sent.</summary>
    public int Pending { get; init; }
}
