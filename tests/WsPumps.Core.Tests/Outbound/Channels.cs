using Microsoft.Extensions.Logging.Abstractions;
using WsPumps.Outbound;

namespace WsPumps.Core.Tests.Outbound;

/// <summary>Channels without a client that reads them.</summary>
internal static class Channels
{
    public static (OutboundChannel Channel, BoundedQueue Queue) Create(int maxMessages, long maxBytes, SlowClientPolicy policy = SlowClientPolicy.Disconnect)
    {
        using var owner = new QueueOnly();
        var events = new QueueEvents(owner.Client, NullLogger.Instance);
        var queue = new BoundedQueue(new OutboundBounds(maxMessages, maxBytes, policy, 0.75, 0.25), new ManualTimeProvider(), events);
        return (new OutboundChannel(queue, events), queue);
    }
}
