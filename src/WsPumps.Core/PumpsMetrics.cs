using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps;

/// <summary>
/// The metrics of clients and broadcasters, as instruments of the meter <see cref="MeterName"/>. Create one for each application.
/// </summary>
/// <remarks>
/// Messages and bytes are not measured one by one: each connection keeps its own counts, which are collected when the sums are read, at
/// most once a second. The sums are exact once a connection has ended, and a listener may be added at any time. Handled messages are traced
/// as activities of the source <see cref="MeterName"/>. Safe for concurrent use.
/// </remarks>
public sealed partial class PumpsMetrics
{
    /// <summary>The name of the meter, and of the activity source: <c>WsPumps</c>.</summary>
    public const string MeterName = "WsPumps";

    private readonly ApplicationCounters _totals = new();
    private readonly Histogram<double> _pingDuration;
    private readonly Histogram<double> _handlerDuration;
    private readonly Histogram<double> _broadcastDuration;
    private readonly Histogram<int> _broadcastRecipients;
    private readonly Histogram<double> _heartbeatLag;
    private readonly SafeInstruments _instruments;
    private long _lag;

    /// <param name="meterFactory">Makes the meter, and disposes it with the application.</param>
    /// <param name="loggerFactory">
    /// Makes the logger, with the category <see cref="MeterName"/>, for what a listener to the meter throws. Null: nothing is logged.
    /// </param>
    public PumpsMetrics(IMeterFactory meterFactory, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(meterFactory);

        var logger = SafeLogger.Of(loggerFactory?.CreateLogger(MeterName));
        _instruments = new SafeInstruments((instrument, exception) => Log.ListenerFailed(logger, instrument, exception));
        var meter = meterFactory.Create(MeterName);
        _totals.AddInstruments(meter);
        _pingDuration = Duration(meter, "wspumps.ping.duration", "From a ping to its pong.", Buckets.Short);
        _handlerDuration = Duration(meter, "wspumps.handler.duration", "The time all handlers of a message take together.", Buckets.Short);
        _broadcastDuration = Duration(meter, "wspumps.broadcast.duration", "The time it takes to queue one message for its audience.",
            Buckets.Tiny);
        _broadcastRecipients = meter.CreateHistogram("wspumps.broadcast.recipients", "{client}",
            "How many clients one message was queued for, or would have been.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = Buckets.Counts });
        _heartbeatLag = Duration(meter, "wspumps.heartbeat.lag", "How late the heartbeat came that watches over all deadlines.",
            Buckets.Short);
    }

    /// <summary>The sums of all clients. They are available even when nothing listens to the meter.</summary>
    public PumpsTotals Totals => _totals.Read();

    internal ApplicationCounters Counters => _totals;

    /// <summary>How late the last heartbeat came.</summary>
    internal TimeSpan HeartbeatLag => new(Volatile.Read(ref _lag));

    internal bool WantsHandlers => _handlerDuration.Enabled;

    internal bool WantsBroadcasts => _broadcastDuration.Enabled || _broadcastRecipients.Enabled;

    internal void Handled(TimeSpan duration, string outcome, Exception? exception)
    {
        var tag = KeyValuePair.Create<string, object?>("wspumps.handler.outcome", outcome);
        _instruments.Record(_handlerDuration, duration.TotalSeconds, exception is null
            ? [tag] : [tag, new("error.type", exception.GetType().FullName)]);
    }

    internal void Broadcasted(TimeSpan duration, BroadcastResult result)
    {
        _instruments.Record(_broadcastDuration, duration.TotalSeconds);
        _instruments.Record(_broadcastRecipients, result.Queued + result.Dropped + result.Closed);
    }

    internal void Answered(TimeSpan roundTrip) => _instruments.Record(_pingDuration, roundTrip.TotalSeconds);

    /// <summary>Called by each connection at each tick of the heartbeat; the first call of a tick counts.</summary>
    internal void Ticked(ulong number, TimeSpan lag)
    {
        if (!_totals.Ticked(number))
            return;

        Volatile.Write(ref _lag, lag.Ticks);
        _instruments.Record(_heartbeatLag, lag.TotalSeconds);
    }

    private static Histogram<double> Duration(Meter meter, string name, string description, IReadOnlyList<double> buckets) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private static partial class Log
    {
        [LoggerMessage(16, LogLevel.Error, "A listener to the instrument {Instrument} failed. Later failures are not told.",
            EventName = "MeterListenerFailed")]
        public static partial void ListenerFailed(ILogger logger, string instrument, Exception exception);
    }
}
