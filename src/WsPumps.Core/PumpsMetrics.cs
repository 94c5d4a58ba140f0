using System.Diagnostics.Metrics;
using WsPumps.Diagnostics;
using WsPumps.Lifetime;

namespace WsPumps;

/// <summary>What clients and broadcasters tell about themselves, as instruments of the meter <see cref="MeterName"/>. One object for an application.</summary>
/// <remarks>
/// Messages and bytes are not measured one by one: each connection counts its own, and is asked when somebody reads the sums, at most once
/// a second. They are exact once a connection has ended, and a listener may come at any time. The activity of a handled message has the name
/// <see cref="MeterName"/> as its source. Safe for concurrent use.
/// </remarks>
public sealed class PumpsMetrics
{
    /// <summary>The name of the meter, and of the activity source: <c>WsPumps</c>.</summary>
    public const string MeterName = "WsPumps";

    private readonly TotalsBook _book = new();
    private readonly Histogram<double> _pingDuration;
    private readonly Histogram<double> _handlerDuration;
    private readonly Histogram<double> _broadcastDuration;
    private readonly Histogram<int> _broadcastRecipients;
    private readonly Histogram<double> _heartbeatLag;

    /// <param name="meterFactory">Makes the meter, and disposes it with the application.</param>
    public PumpsMetrics(IMeterFactory meterFactory)
    {
        ArgumentNullException.ThrowIfNull(meterFactory);

        var meter = meterFactory.Create(MeterName);
        _book.AddInstruments(meter);
        _pingDuration = Duration(meter, "wspumps.ping.duration", "From a ping to its pong.", Buckets.Short);
        _handlerDuration = Duration(meter, "wspumps.handler.duration", "The time all handlers of a message take together.", Buckets.Short);
        _broadcastDuration = Duration(meter, "wspumps.broadcast.duration", "The time it takes to queue one message for its audience.", Buckets.Tiny);
        _broadcastRecipients = meter.CreateHistogram("wspumps.broadcast.recipients", "{client}", "How many clients one message was queued for, or would have been.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = Buckets.Counts });
        _heartbeatLag = Duration(meter, "wspumps.heartbeat.lag", "How late the heartbeat came that watches over all deadlines.", Buckets.Short);
    }

    /// <summary>The sums of all clients, also where nobody listens to the meter.</summary>
    public PumpsTotals Totals => _book.Read();

    internal TotalsBook Book => _book;

    internal bool WantsHandlers => _handlerDuration.Enabled;

    internal bool WantsBroadcasts => _broadcastDuration.Enabled || _broadcastRecipients.Enabled;

    internal void Handled(TimeSpan duration, string outcome, Exception? exception)
    {
        var tag = KeyValuePair.Create<string, object?>("wspumps.handler.outcome", outcome);
        if (exception is null)
            _handlerDuration.Record(duration.TotalSeconds, tag);
        else
            _handlerDuration.Record(duration.TotalSeconds, tag, KeyValuePair.Create<string, object?>("error.type", exception.GetType().FullName));
    }

    internal void Broadcasted(TimeSpan duration, BroadcastResult result)
    {
        _broadcastDuration.Record(duration.TotalSeconds);
        _broadcastRecipients.Record(result.Queued + result.Dropped + result.Closed);
    }

    internal void Answered(TimeSpan roundTrip) => _pingDuration.Record(roundTrip.TotalSeconds);

    /// <summary>Told of each beat by each connection; the first one counts.</summary>
    internal void Beat(in Beat beat)
    {
        if (_book.Beat(beat.PingId))
            _heartbeatLag.Record(beat.Lag.TotalSeconds);
    }

    private static Histogram<double> Duration(Meter meter, string name, string description, IReadOnlyList<double> buckets) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
