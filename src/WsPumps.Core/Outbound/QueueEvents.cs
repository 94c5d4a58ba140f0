using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>What a client's queue tells the application. Always raised without a lock held; what a subscriber throws is logged and goes no further.</summary>
internal sealed partial class QueueEvents(IEventSource client, ILogger logger)
{
    private int _turns;
    private bool _toldHigh;

    public bool WantsDrops => client.EventsInUse?.OnMessageDropped is not null;

    public void RaiseDropped(List<(PreparedMessage Message, DropReason Reason)> dropped)
    {
        foreach (var (message, reason) in dropped)
        {
            var dropping = new MessageDroppedEvent { Message = message, Reason = reason };
            foreach (var subscriber in Delegate.EnumerateInvocationList(client.EventsInUse?.OnMessageDropped))
                Raise(() => subscriber(dropping));
        }
    }

    /// <summary>
    /// One thread at a time tells how it stands, and looks again before it goes. Told by each thread for itself, the warning and
    /// the all-clear could overtake each other, and an application that waits for the second would wait for ever.
    /// </summary>
    public void TellWatermark(BoundedQueue queue)
    {
        if (Interlocked.Increment(ref _turns) > 1)
            return;

        int turns;
        do
        {
            turns = Volatile.Read(ref _turns);
            if (queue.IsHigh == _toldHigh)
                continue;

            _toldHigh = !_toldHigh;
            var watermark = new WatermarkEvent { QueuedMessages = queue.Count, QueuedBytes = queue.Bytes };
            foreach (var subscriber in Delegate.EnumerateInvocationList(_toldHigh ? client.EventsInUse?.OnHighWatermark : client.EventsInUse?.OnLowWatermark))
                Raise(() => subscriber(watermark));
        }
        while (Interlocked.Add(ref _turns, -turns) > 0);
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
