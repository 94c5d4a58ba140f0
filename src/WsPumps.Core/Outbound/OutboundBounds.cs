namespace WsPumps.Outbound;

/// <summary>How much one queue may hold, from when on the application is warned, and what happens when it is full.</summary>
internal readonly record struct OutboundBounds(int MaxMessages, long MaxBytes, SlowClientPolicy Policy, double HighWatermark, double LowWatermark)
{
    public static OutboundBounds Of(ClientOptions options) =>
        new(options.MaxQueuedMessages, options.EffectiveMaxQueuedBytes, options.SlowClientPolicy, options.HighWatermark, options.LowWatermark);

    public bool IsHigh(int messages, long bytes) => messages >= MaxMessages * HighWatermark || bytes >= MaxBytes * HighWatermark;

    public bool IsLow(int messages, long bytes) => messages <= MaxMessages * LowWatermark && bytes <= MaxBytes * LowWatermark;
}
