namespace WsPumps.Outbound;

/// <summary>How much one queue may hold, from when on the application is warned, and what happens when it is full.</summary>
internal sealed record OutboundBounds(int MaxMessages, long MaxBytes, SlowClientPolicy Policy, double HighWatermark, double LowWatermark)
{
    /// <summary>
    /// A part of the queue that callers who wait for room do not fill: a write that cannot wait finds room although somebody waits.
    /// </summary>
    private const int Reserve = 4;

    /// <summary>So many callers may wait at least, however few messages the queue holds.</summary>
    private const int MinWaiting = 256;

    /// <summary>The messages of those who wait may have so many times the bytes that the queue may have.</summary>
    private const int WaitingShare = 4;

    private readonly int _highMessages = (int)Math.Ceiling(MaxMessages * HighWatermark);
    private readonly int _lowMessages = (int)(MaxMessages * LowWatermark);
    private readonly long _highBytes = (long)Math.Ceiling(MaxBytes * HighWatermark);
    private readonly long _lowBytes = (long)(MaxBytes * LowWatermark);

    private static OutboundBounds? _latest;

    /// <summary>Nearly all connections of a server have the same: then they share them.</summary>
    public static OutboundBounds Of(ClientOptions options)
    {
        var bounds = new OutboundBounds(
            options.MaxQueuedMessages,
            options.EffectiveMaxQueuedBytes,
            options.SlowClientPolicy,
            options.HighWatermark,
            options.LowWatermark);
        var latest = Volatile.Read(ref _latest);
        if (bounds.Equals(latest))
            return latest;

        Volatile.Write(ref _latest, bounds);
        return bounds;
    }

    public SlowClientPolicy PolicyFor(PreparedMessage message) => message.Options?.SlowClientPolicy ?? Policy;

    /// <summary>Whether a queue with so many messages and bytes has room for one more.</summary>
    public bool HasRoom(int messages, long bytes, int length) => messages < MaxMessages && bytes + length <= MaxBytes;

    /// <summary>The same for a caller who can wait. An empty queue takes whatever fits at all.</summary>
    public bool HasRoomForWaiting(int messages, long bytes, int length) =>
        messages == 0 || (messages < MaxMessages - (MaxMessages / Reserve) && bytes + length <= MaxBytes - (MaxBytes / Reserve));

    /// <summary>Whether one more caller may wait, where there are so many already.</summary>
    public bool MayWait(int waiting, long bytes, int length) =>
        waiting < Math.Max(MinWaiting, MaxMessages) && bytes + length <= WaitingShare * MaxBytes;

    /// <summary>Whether a queue passes a watermark: the low one where it is high, or else the high one.</summary>
    public bool HasPassed(bool isHigh, int messages, long bytes) => isHigh
        ? messages <= _lowMessages && bytes <= _lowBytes
        : messages >= _highMessages || bytes >= _highBytes;

    /// <exception cref="ArgumentException">The message can never be queued.</exception>
    public void ThrowIfTooLarge(PreparedMessage message)
    {
        if (message.Length <= MaxBytes)
            return;

        throw new ArgumentException(
            $"A message of {message.Length} bytes can never be queued: the limit is {MaxBytes} bytes " +
            $"({nameof(ClientOptions)}.{nameof(ClientOptions.MaxQueuedBytes)}).",
            nameof(message));
    }
}
