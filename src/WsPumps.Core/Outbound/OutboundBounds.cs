namespace WsPumps.Outbound;

/// <summary>How much one queue may hold, from when on the application is warned, and what happens when it is full.</summary>
internal sealed record OutboundBounds(int MaxMessages, long MaxBytes, SlowClientPolicy Policy, double HighWatermark, double LowWatermark)
{
    private readonly int _highMessages = (int)Math.Ceiling(MaxMessages * HighWatermark);
    private readonly int _lowMessages = (int)(MaxMessages * LowWatermark);
    private readonly long _highBytes = (long)Math.Ceiling(MaxBytes * HighWatermark);
    private readonly long _lowBytes = (long)(MaxBytes * LowWatermark);

    private static OutboundBounds? _latest;

    /// <summary>Nearly all connections of a server have the same: then they share them.</summary>
    public static OutboundBounds Of(ClientOptions options)
    {
        var bounds = new OutboundBounds(
            options.MaxQueuedMessages, options.EffectiveMaxQueuedBytes, options.SlowClientPolicy, options.HighWatermark, options.LowWatermark);
        var latest = Volatile.Read(ref _latest);
        if (bounds.Equals(latest))
            return latest;

        Volatile.Write(ref _latest, bounds);
        return bounds;
    }

    public bool IsHigh(int messages, long bytes) => messages >= _highMessages || bytes >= _highBytes;

    public bool IsLow(int messages, long bytes) => messages <= _lowMessages && bytes <= _lowBytes;
}
