namespace WsPumps.Dashboard;

/// <summary>One point of the history. Rates are those since the point before it.</summary>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="ReceivedPerSecond">Messages received.</param>
/// <param name="SentPerSecond">Messages sent.</param>
/// <param name="BytesReceivedPerSecond">Payload bytes received.</param>
/// <param name="BytesSentPerSecond">Payload bytes sent.</param>
/// <param name="DroppedPerSecond">Messages dropped.</param>
/// <param name="QueuedMessages">Messages that wait in all queues.</param>
/// <param name="RoundTrip">The median of the round trips, in milliseconds; null where none is known.</param>
/// <param name="Processor">The share of all processors that the process has used, in percent.</param>
/// <param name="Memory">The working set, in bytes.</param>
/// <param name="Lag">How late the heartbeat came, in milliseconds.</param>
internal sealed record Sample(
    long At, int Connections, double ReceivedPerSecond, double SentPerSecond, double BytesReceivedPerSecond, double BytesSentPerSecond,
    double DroppedPerSecond, long QueuedMessages, double? RoundTrip, double Processor, long Memory, double Lag);
