using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>What a client's queue tells the application, always without a lock held; see <see cref="SafeEvents"/>.</summary>
internal sealed partial class QueueEvents(IEventSource client, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// So many drops wait to be told at most; more are counted only. A subscriber that causes two for each that it is told of must not fill
    /// the memory.
    /// </summary>
    private const int MaxUntold = 4096;

    private int _untold;
    private int _turns;
    private bool _toldHigh;
    private bool _toldTooManyKeys;

    public bool WantsDrops => client.EventsInUse?.OnMessageDropped is not null && Volatile.Read(ref _untold) < MaxUntold;

    /// <param name="effects">What has news.</param>
    /// <param name="queue">Whose.</param>
    /// <param name="onLane">Whether the caller runs on a lane, where no code of the application does.</param>
    public void Tell(in QueueEffects effects, OutboundQueue queue, bool onLane)
    {
        if (onLane)
            TellOnPool(effects, queue);
        else
            Tell(effects, queue);
    }

    private void TellOnPool(QueueEffects effects, OutboundQueue queue)
    {
        queue.Work?.Begin();
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                Tell(effects, queue);
                queue.Work?.End();
            },
            null);
    }

    private void Tell(in QueueEffects effects, OutboundQueue queue)
    {
        if (effects.Dropped is not null)
            TellDropped(effects.Dropped);
        if (effects.PassedWatermark)
            TellWatermark(queue);
        if (effects.HasTooManyKeys)
            TellTooManyKeys();
    }

    private void TellDropped(List<(PreparedMessage Message, DropReason Reason)> dropped)
    {
        Interlocked.Add(ref _untold, dropped.Count);
        SafeEvents.Tell(() =>
        {
            foreach (var (message, reason) in dropped)
            {
                Interlocked.Decrement(ref _untold);
                var dropping = new MessageDroppedEvent { Message = message.Detached(), Reason = reason };
                SafeEvents.Call(client.EventsInUse?.OnMessageDropped, dropping, nameof(ClientEvents.MessageDropped), client.Id, logger);
            }
        }, time as IWorkCounter);
    }

    /// <summary>
    /// One thread at a time tells how it stands, and looks again before it goes. Told by each thread for itself, the warning and the
    /// all-clear could overtake each other, and an application that waits for the second would never stop waiting.
    /// </summary>
    private void TellWatermark(OutboundQueue queue)
    {
        if (Interlocked.Increment(ref _turns) == 1)
            SafeEvents.Tell(() => TellWatermarks(queue), time as IWorkCounter);
    }

    /// <summary>Once for each connection: it is likely to happen with every message from then on.</summary>
    private void TellTooManyKeys()
    {
        if (!Interlocked.Exchange(ref _toldTooManyKeys, true))
            Log.TooManyKeys(logger, client.Id);
    }

    private void TellWatermarks(OutboundQueue queue)
    {
        int turns;
        do
        {
            turns = Volatile.Read(ref _turns);
            if (queue.IsHigh == _toldHigh)
                continue;

            _toldHigh = !_toldHigh;
            var counters = queue.Counters();
            var watermark = new WatermarkEvent { QueuedMessages = counters.QueuedMessages, QueuedBytes = counters.QueuedBytes };
            var (subscribers, name) = _toldHigh
                ? (client.EventsInUse?.OnHighWatermark, nameof(ClientEvents.HighWatermarkReached))
                : (client.EventsInUse?.OnLowWatermark, nameof(ClientEvents.LowWatermarkReached));
            SafeEvents.Call(subscribers, watermark, name, client.Id, logger);
        }
        while (Interlocked.Add(ref _turns, -turns) > 0);
    }

    private static partial class Log
    {
        [LoggerMessage(18, LogLevel.Warning, "Connection {ConnectionId}: its queue is full of the newest values of conflation keys, and " +
            "the value of " +
            "one more was refused. Raise MaxQueuedMessages or MaxQueuedBytes above what all keys need together.",
                EventName = "TooManyKeys")]
        public static partial void TooManyKeys(ILogger logger, string connectionId);
    }
}
