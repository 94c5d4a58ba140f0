using System.Text;
using StackExchange.Redis;

namespace WsPumps.ClusterLoad;

/// <summary>Redis pub/sub by hand: what an application would write that needs no more than that.</summary>
internal static class HandBridge
{
    /// <returns>What publishes one message.</returns>
    public static async Task<Func<string, ValueTask>> StartAsync(string redis, Broadcaster broadcaster)
    {
        var own = Guid.NewGuid().ToString("N");
        var channel = RedisChannel.Literal("bridge");
        var subscriber = (await ConnectionMultiplexer.ConnectAsync(redis)).GetSubscriber();
        (await subscriber.SubscribeAsync(channel)).OnMessage(message =>
        {
            var text = (string)message.Message!;
            if (!text.StartsWith(own, StringComparison.Ordinal))
                broadcaster.All.Write(PreparedMessage.Text(Encoding.UTF8.GetBytes(text[own.Length..])));
        });
        return text =>
        {
            broadcaster.All.Write(text);
            subscriber.Publish(channel, own + text, CommandFlags.FireAndForget);
            return default;
        };
    }
}
