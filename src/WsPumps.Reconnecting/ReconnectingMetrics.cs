using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps;

/// <summary>
/// The metrics of reconnecting clients, as instruments of the meter <see cref="MeterName"/>. Create one for each application.
/// </summary>
/// <remarks>
/// <c>wspumps.reconnecting.attempts</c>: attempts to connect, by <c>wspumps.attempt.outcome</c> (<c>connected</c>, <c>failed</c>,
/// <c>refused</c>); <c>wspumps.reconnecting.connections</c>: connections that are open now; <c>wspumps.reconnecting.messages</c>: messages
/// that were written, by <c>wspumps.message.outcome</c> (<c>sent</c>, <c>expired</c>, <c>unknown</c>, <c>full</c>, <c>closed</c>).
/// </remarks>
public sealed partial class ReconnectingMetrics
{
    /// <summary>The name of the meter: <c>WsPumps.Reconnecting</c>.</summary>
    public const string MeterName = "WsPumps.Reconnecting";

    private static readonly KeyValuePair<string, object?>[] MessageOutcomes =
        [.. Enum.GetNames<SendResult>().Select(name => KeyValuePair.Create<string, object?>("wspumps.message.outcome",
            name.ToLowerInvariant()))];

    private readonly Counter<long> _attempts;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _messages;

    private readonly SafeInstruments _instruments;

    /// <param name="meterFactory">Makes the meter, and disposes of it with the application.</param>
    /// <param name="loggerFactory">
    /// Makes the logger, with the category <see cref="MeterName"/>, for what a listener to the meter throws. Null: nothing is logged.
    /// </param>
    public ReconnectingMetrics(IMeterFactory meterFactory, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(meterFactory);

        var logger = SafeLogger.Of(loggerFactory?.CreateLogger(MeterName));
        _instruments = new SafeInstruments((instrument, exception) => ListenerFailed(logger, instrument, exception));
        var meter = meterFactory.Create(MeterName);
        _attempts = meter.CreateCounter<long>("wspumps.reconnecting.attempts", "{attempt}", "Attempts to connect.");
        _connections = meter.CreateUpDownCounter<long>("wspumps.reconnecting.connections", "{connection}", "Connections that are open.");
        _messages = meter.CreateCounter<long>("wspumps.reconnecting.messages", "{message}",
            "Messages that were written, by what became of them.");
    }

    internal void Attempted(string outcome) =>
        _instruments.Add(_attempts, 1, KeyValuePair.Create<string, object?>("wspumps.attempt.outcome", outcome));

    internal void Connected() => _instruments.Add(_connections, 1);

    internal void Disconnected() => _instruments.Add(_connections, -1);

    internal void Settled(SendResult result) => _instruments.Add(_messages, 1, MessageOutcomes[(int)result]);

    [LoggerMessage(204, LogLevel.Error, "A listener to the instrument {Instrument} failed. Later failures are not told.",
        EventName = "MeterListenerFailed")]
    private static partial void ListenerFailed(ILogger logger, string instrument, Exception exception);
}
