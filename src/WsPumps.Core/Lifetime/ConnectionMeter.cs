using WsPumps.Diagnostics;
using WsPumps.Outbound;

namespace WsPumps.Lifetime;

/// <summary>What of one connection the metrics of the application know already.</summary>
internal sealed class ConnectionMeter(PumpsMetrics metrics, ConnectionCounters counters, ControlFrames control, OutboundQueue queue)
    : IMeteredConnection
{
    private PumpsTotals _known;
    private long _stalls;
    private bool _isStalled;

    /// <inheritdoc/>
    public int Index { get; set; }

    public void Begin() => metrics.Counters.Open(this);

    /// <summary>Looks for a write that stalls, and for the answer to a ping. For the heartbeat.</summary>
    public void Look(TimeSpan writingFor)
    {
        var wasStalled = _isStalled;
        _isStalled = writingFor >= Heartbeat.Period;
        if (_isStalled && !wasStalled)
            _stalls++;

        if (control.TakeRoundTrip() is { } roundTrip)
            metrics.Answered(roundTrip);
    }

    /// <summary>The last time, so that the sums are exact. Calls no listener: what one throws must not hold up the end.</summary>
    public void End() => metrics.Counters.Close(this);

    /// <inheritdoc/>
    public PumpsTotals Take(Span<long> drops)
    {
        queue.TakeDrops(drops);
        var now = counters.Totals() with { WriteStalls = _stalls };
        var news = now.Minus(_known);
        _known = now;
        return news;
    }
}
