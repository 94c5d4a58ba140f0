using Microsoft.Extensions.Logging;

namespace WsPumps.Outbound;

/// <summary>What a client's queue tells the application. Always raised without a lock held; what a subscriber throws is logged and goes no further.</summary>
internal sealed partial class QueueEvents(Client client, ILogger logger)
{
    public event Action<Client, PreparedMessage, DropReason>? MessageDropped;

    public event Action<Client>? HighWatermarkReached;

    public event Action<Client>? LowWatermarkReached;

    public bool WantsDrops => MessageDropped is not null;

    public void Raise(in QueueNotice notice)
    {
        if (notice.Dropped is not null)
        {
            foreach (var (message, reason) in notice.Dropped)
                Raise(() => MessageDropped?.Invoke(client, message, reason));
        }

        if (notice.Watermark is Watermark.High)
            Raise(() => HighWatermarkReached?.Invoke(client));
        else if (notice.Watermark is Watermark.Low)
            Raise(() => LowWatermarkReached?.Invoke(client));
    }

    private void Raise(Action raise)
    {
        try
        {
            raise();
        }
        catch (Exception exception)
        {
            Log.EventFailed(logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(15, LogLevel.Error, "Connection {ConnectionId}: a MessageDropped or watermark callback failed.", EventName = "QueueEventFailed")]
        public static partial void EventFailed(ILogger logger, string connectionId, Exception exception);
    }
}
