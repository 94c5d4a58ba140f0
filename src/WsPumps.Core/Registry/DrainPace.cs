namespace WsPumps.Registry;

/// <summary>In which batches so many clients are asked to leave: the configured ones, or larger ones where the time is short.</summary>
internal sealed class DrainPace
{
    /// <summary>The rest is for the last ones to answer the close.</summary>
    private const double AskingShare = 0.8;

    private const double Jitter = 0.25;

    private readonly TimeSpan _interval;

    public DrainPace(DrainOptions options, int clients)
    {
        _interval = options.BatchInterval;
        var window = (options.EffectiveTimeout * AskingShare) - options.Delay;
        var batches = 1 + (window > TimeSpan.Zero ? (long)(window / _interval) : 0);
        BatchSize = (int)Math.Max(options.BatchSize, (clients + batches - 1) / batches);
    }

    public int BatchSize { get; }

    /// <summary>Never longer than the interval, so that the batches fit the time.</summary>
    public TimeSpan NextPause() => _interval * (1 - (Random.Shared.NextDouble() * Jitter));
}
