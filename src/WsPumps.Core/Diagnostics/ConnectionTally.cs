using WsPumps.Lifetime;
using WsPumps.Outbound;

namespace WsPumps.Diagnostics;

/// <summary>What of one connection the metrics of the application know already.</summary>
internal sealed class ConnectionTally(PumpsMetrics metrics, Ledger ledger, ControlFrames control, BoundedQueue queue)
{
    private PumpsTotals _known;
    private long _stalls;
    private bool _isStalled;

    /// <summary>Its place in the book; the book's own.</summary>
    public int Index { get; set; }

    public void Begin() => metrics.Book.Open(this);

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
    public void End() => metrics.Book.Close(this);

    /// <summary>What is new since the last time. The book calls it under its lock.</summary>
    /// <param name="drops">Where the drops are added, by reason.</param>
    public PumpsTotals Take(Span<long> drops)
    {
        queue.TakeDrops(drops);
        var now = ledger.Totals() with { WriteStalls = _stalls };
        var news = now.Minus(_known);
        _known = now;
        return news;
    }
}
