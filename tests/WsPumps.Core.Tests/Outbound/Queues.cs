using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>Queues without a client that writes them to a wire.</summary>
internal static class Queues
{
    private static readonly QueueEvents NobodyListens = EventsOf(new QueueOnly());

    public static OutboundQueue Create(
        int maxMessages, long maxBytes, SlowClientPolicy policy = SlowClientPolicy.Disconnect, TimeProvider? time = null, QueueBudget? budget = null)
    {
        var owner = new Owner();
        var queue = new OutboundQueue(new OutboundBounds(maxMessages, maxBytes, policy, 0.75, 0.25), time ?? TimeProvider.System, NobodyListens, owner, budget);
        owner.Queue = queue;
        return queue;
    }

    private static QueueEvents EventsOf(QueueOnly client)
    {
        using (client)
            return new QueueEvents(client.Client, TimeProvider.System, NullLogger.Instance);
    }

    /// <summary>Does what a connection does.</summary>
    private sealed class Owner : IQueueOwner
    {
        public OutboundQueue? Queue { get; set; }

        public void GiveWay(long bytes)
        {
            if (Queue!.Bounds.Policy is SlowClientPolicy.Disconnect || !Queue.TryShed(bytes))
                Queue.Complete(discard: true);
        }
    }
}
