namespace WsPumps;

/// <summary>What had become of the copies of one message when they were waited for, a client each.</summary>
/// <param name="Delivered">Copies that were handed to their transport.</param>
/// <param name="Dropped">Copies that no queue took, and those that a queue took and discarded later: for newer messages, with its connection, or because the write failed.</param>
/// <param name="Closed">Clients whose connection was already ending.</param>
/// <param name="Pending">Copies that were still waiting in their queue, and are still to leave.</param>
public readonly record struct DeliveryResult(int Delivered, int Dropped, int Closed, int Pending);
