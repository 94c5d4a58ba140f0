using System.Globalization;
using Microsoft.Extensions.Logging;

namespace WsPumps.Lifetime;

/// <summary>The one line that each connection leaves in the log.</summary>
internal static partial class DisconnectLog
{
    /// <summary>
    /// Debug for what happens all day. Information for a limit that was passed and for failures, of which an error line tells more.
    /// </summary>
    public static LogLevel LevelOf(DisconnectReason reason) => reason
        is DisconnectReason.PeerClosed or DisconnectReason.LocalClosed or DisconnectReason.Shutdown
        or DisconnectReason.ConnectionLost or DisconnectReason.PongTimeout or DisconnectReason.Aborted or DisconnectReason.LifetimeOver
        or DisconnectReason.Moved
        ? LogLevel.Debug
        : LogLevel.Information;

    public static void Ended(ILogger logger, string connectionId, object? source, DisconnectRecord record)
    {
        var level = LevelOf(record.Reason);
        if (logger.IsEnabled(level))
        {
            // What a handler threw has a line of its own already.
            var exception = record.Reason is DisconnectReason.HandlerError ? null : record.Exception;
            var closeCodes = CloseCodesOf(record);
            Ended(logger, level, connectionId, source ?? "unknown source", record.Reason, record.Initiator, closeCodes, record.Duration,
                record.MessagesSent, record.MessagesReceived, record.MessagesUnsent, record.MessagesDropped, exception);
        }
    }

    /// <summary>Only those that there are.</summary>
    private static string CloseCodesOf(DisconnectRecord record) => ((int?)record.LocalStatus, (int?)record.PeerStatus) switch
    {
        (null, null) => "no close code",
        ({ } sent, null) => string.Create(CultureInfo.InvariantCulture, $"close code {sent} sent"),
        (null, { } received) => string.Create(CultureInfo.InvariantCulture, $"close code {received} received"),
        ({ } sent, { } received) => string.Create(CultureInfo.InvariantCulture, $"close codes {sent} sent and {received} received"),
    };

    [LoggerMessage(EventId = 10, EventName = "ConnectionEnded", SkipEnabledCheck = true, Message =
        "Connection {ConnectionId} ({Source}) ended: {Reason} (by {Initiator}), {CloseCodes}, after {Duration}; " +
        "{MessagesSent} messages sent, {MessagesReceived} received, {MessagesUnsent} unsent, {MessagesDropped} dropped.")]
    private static partial void Ended(ILogger logger, LogLevel level, string connectionId, object source, DisconnectReason reason,
        DisconnectInitiator initiator, string closeCodes,
        TimeSpan duration, long messagesSent, long messagesReceived, long messagesUnsent, long messagesDropped, Exception? exception);

    [LoggerMessage(38, LogLevel.Error, "Connection {ConnectionId} was aborted, but a pump does not end: a handler blocks its thread. The " +
        "connection counts as ended.", EventName = "PumpStuck")]
    public static partial void PumpStuck(ILogger logger, string connectionId);

    [LoggerMessage(13, LogLevel.Error, "Connection {ConnectionId}: a pump failed in a way that is no lost connection.",
        EventName = "PumpFailed")]
    public static partial void PumpFailed(ILogger logger, string connectionId, Exception exception);
}
