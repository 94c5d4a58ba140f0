namespace WsPumps.Outbound;

/// <summary>How much one queue may hold, from when on the application is warned, and what happens when it is full.</summary>
internal readonly record struct OutboundBounds(int MaxMessages, long MaxBytes, SlowClientPolicy Policy, double HighWatermark, double LowWatermark)
{
    private readonly int _highMessages = (int)Math.Ceiling(MaxMessages * HighWatermark);
    private readonly int _lowMessages = (int)(MaxMessages * LowWatermark);
    private readonly long _highBytes = (long)Math.Ceiling(MaxBytes * HighWatermark);
    private readonly long _lowBytes = (long)(MaxBytes * LowWatermark);

    public static OutboundBounds Of(ClientOptions options) =>
        new(options.MaxQueuedMessages, options.EffectiveMaxQueuedBytes, options.SlowClientPolicy, options.HighWatermark, options.LowWatermark);

    public bool IsHigh(int messages, long bytes) => messages >= _highMessages || bytes >= _highBytes;

    public bool IsLow(int messages, long bytes) => messages <= _lowMessages && bytes <= _lowBytes;
}
