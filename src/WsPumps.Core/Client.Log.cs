using Microsoft.Extensions.Logging;

namespace WsPumps;

public sealed partial class Client
{
    private static partial class Log
    {
        public static void Ended(ILogger logger, string connectionId, DisconnectRecord record)
        {
            if (logger.IsEnabled(LogLevel.Debug))
            {
                Ended(logger, connectionId, record.Reason, (int?)record.LocalStatus, (int?)record.PeerStatus, record.Duration,
                    record.MessagesSent, record.MessagesReceived, record.MessagesUnsent, record.Exception);
            }
        }

        [LoggerMessage(10, LogLevel.Debug, "Connection {ConnectionId} ended: {Reason}, close codes {LocalStatus} sent and {PeerStatus} received, after {Duration}; " +
            "{MessagesSent} messages sent, {MessagesReceived} received, {MessagesUnsent} unsent.", EventName = "ConnectionEnded", SkipEnabledCheck = true)]
        private static partial void Ended(ILogger logger, string connectionId, DisconnectReason reason, int? localStatus, int? peerStatus,
            TimeSpan duration, long messagesSent, long messagesReceived, long messagesUnsent, Exception? exception);

        [LoggerMessage(11, LogLevel.Warning, "Connection {ConnectionId} has ended, but a message handler is still running after {Limit}. Its token is cancelled; it is no longer waited for.",
            EventName = "HandlerStillRunning")]
        public static partial void HandlerStillRunning(ILogger logger, string connectionId, TimeSpan limit);

        [LoggerMessage(12, LogLevel.Error, "Connection {ConnectionId}: it could not be aborted at its deadline.", EventName = "HeartbeatFailed")]
        public static partial void HeartbeatFailed(ILogger logger, string connectionId, Exception exception);
    }
}
