using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Hosting;

/// <summary>
/// What the endpoints tell of connections as a whole, whatever client runs them. Its instruments are beside those of
/// <see cref="PumpsMetrics"/>.
/// </summary>
internal sealed partial class ServerMetrics
{
    private const string RouteTag = "http.route";

    /// <summary>Seconds. Connections last from an instant to days.</summary>
    private static readonly double[] Lifetimes = [0.01, 0.1, 1, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

    private readonly Counter<long> _refused;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _resumes;
    private readonly ConcurrentDictionary<string, int> _active = new();
    private readonly ConcurrentDictionary<string, long> _endings = new();
    private readonly Func<bool> _isDraining;
    private readonly TimeProvider _time;
    private readonly SafeInstruments _instruments;

    public ServerMetrics(IMeterFactory meterFactory, TimeProvider time, Func<bool> isDraining, ILogger logger)
    {
        _instruments = new SafeInstruments((instrument, exception) => Log.ListenerFailed(logger, instrument, exception));
        _time = time;
        _isDraining = isDraining;
        var meter = meterFactory.Create(PumpsMetrics.MeterName);
        meter.CreateObservableUpDownCounter("wspumps.active_connections", Active, "{connection}", "Connections that are open.");
        meter.CreateObservableUpDownCounter("wspumps.draining_connections", () => _isDraining() ? ActiveConnections : 0, "{connection}",
            "Connections that are still open while the server drains; 0 while it does not.");
        _refused = meter.CreateCounter<long>("wspumps.refused_handshakes", "{request}", "Requests that did not become a connection.");
        _resumes = meter.CreateCounter<long>("wspumps.resumes", "{request}",
            "Requests that asked for a session that resumes, by what became of it.");
        _duration = meter.CreateHistogram("wspumps.connection.duration", "s", "From the accepted handshake to the end of the connection.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Lifetimes });
    }

    /// <summary>The connections that are open.</summary>
    public int ActiveConnections => _active.Sum(route => route.Value);

    /// <summary>How many connections have ended, by their ending.</summary>
    public IReadOnlyDictionary<string, long> Endings => _endings;

    public void Refused(HttpContext http, RefusalReason why)
    {
        if (_refused.Enabled)
            _instruments.Add(_refused, 1, [new("wspumps.refusal.reason", Name(why)), .. RouteTags(RouteOf(http))]);
    }

    /// <param name="outcome">The outcome of the attempt to resume.</param>
    public void Resumed(string outcome)
    {
        if (_resumes.Enabled)
            _instruments.Add(_resumes, 1, [new("wspumps.resume.outcome", outcome)]);
    }

    /// <summary>A handshake was accepted. Whatever comes of it, the result is to be given to <see cref="Ended"/>.</summary>
    /// <remarks>
    /// The request is as long as the connection: among the durations of requests it would only be noise, so it is left out there.
    /// </remarks>
    public (string Route, long At) Opened(HttpContext http)
    {
        if (http.Features.Get<IHttpMetricsTagsFeature>() is { } requestMetrics)
            requestMetrics.MetricsDisabled = true;

        var route = RouteOf(http);
        _active.AddOrUpdate(route, 1, static (_, count) => count + 1);
        return (route, _time.GetTimestamp());
    }

    /// <param name="opened">What <see cref="Opened"/> returned.</param>
    /// <param name="client">Who knows how it ended; null where no client was made.</param>
    public void Ended((string Route, long At) opened, IClient? client)
    {
        _active.AddOrUpdate(opened.Route, 0, static (_, count) => count - 1);
        var ending = client is null ? "not_created" : client.Completion is { IsCompletedSuccessfully: true, Result: var record }
            ? Name(record.Reason) : "unknown";
        _endings.AddOrUpdate(ending, 1, static (_, count) => count + 1);
        if (_duration.Enabled)
        {
            _instruments.Record(_duration, _time.GetElapsedTime(opened.At).TotalSeconds,
                [new("wspumps.connection.ending", ending), .. RouteTags(opened.Route)]);
        }
    }

    /// <summary>The route as the request's own metrics have it; empty for middleware without one.</summary>
    private static string RouteOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? "";

    private static KeyValuePair<string, object?>[] RouteTags(string route) => route.Length == 0 ? [] : [new(RouteTag, route)];

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private IEnumerable<Measurement<long>> Active() => _active.Select(route => new Measurement<long>(route.Value, RouteTags(route.Key)));

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Error,
            "A listener to the instrument {Instrument} of the endpoints failed. Later failures are not told.",
            EventName = "EndpointMeterListenerFailed")]
        public static partial void ListenerFailed(ILogger logger, string instrument, Exception exception);
    }
}
