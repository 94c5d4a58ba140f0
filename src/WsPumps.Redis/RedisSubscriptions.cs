using StackExchange.Redis;

namespace WsPumps.Redis;

/// <summary>
/// Which channels are wanted, and which of them Redis was told on the current connection. Changes are carried out one after the other.
/// </summary>
internal sealed class RedisSubscriptions(Action<string, ReadOnlyMemory<byte>> receive)
{
    private readonly Lock _lock = new();

    /// <summary>Each channel with the number of its request: switching it off and on again gives it another one.</summary>
    private readonly Dictionary<string, long> _wanted = [];

    private readonly Dictionary<string, (long Wish, ChannelMessageQueue Queue)> _subscribed = [];
    private long _wishes;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set(string channel, bool isWanted)
    {
        lock (_lock)
        {
            if (!isWanted)
                _wanted.Remove(channel);
            else if (!_wanted.TryAdd(channel, ++_wishes))
                return;

            _changed.TrySetResult();
        }
    }

    /// <summary>Carries out changes on a new connection until it fails or the token fires.</summary>
    public async Task RunAsync(ISubscriber redis, Func<string, RedisChannel> channelOf, CancellationToken cancellationToken)
    {
        try
        {
            await CarryOutAsync(redis, channelOf, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Abandon();
        }
    }

    private async Task CarryOutAsync(ISubscriber redis, Func<string, RedisChannel> channelOf, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (off, on, changed) = Changes();
            foreach (var (channel, queue) in off)
            {
                await queue.UnsubscribeAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
                lock (_lock)
                    _subscribed.Remove(channel);
            }

            // All at once: a hundred channels need one trip to the server.
            await Task.WhenAll(on.Select(wish => SubscribeAsync(redis, channelOf(wish.Channel), wish.Channel, wish.Wish)))
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SubscribeAsync(ISubscriber redis, RedisChannel redisChannel, string channel, long wish)
    {
        var queue = await redis.SubscribeAsync(redisChannel).ConfigureAwait(false);
        queue.OnMessage(message => receive(channel, message.Message));
        lock (_lock)
            _subscribed[channel] = (wish, queue);
    }

    /// <summary>The connection may be the application's, and go on living.</summary>
    private void Abandon()
    {
        lock (_lock)
        {
            foreach (var (_, queue) in _subscribed.Values)
                queue.Unsubscribe(CommandFlags.FireAndForget);
            _subscribed.Clear();
        }
    }

    private (List<(string Channel, ChannelMessageQueue Queue)> Off, List<(string Channel, long Wish)> On, Task Changed) Changes()
    {
        lock (_lock)
        {
            if (_changed.Task.IsCompleted)
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            var off = _subscribed.Where(one => !_wanted.TryGetValue(one.Key, out var wish) || wish != one.Value.Wish)
                .Select(one => (one.Key, one.Value.Queue)).ToList();
            var on = _wanted.Where(one => !_subscribed.TryGetValue(one.Key, out var now) || now.Wish != one.Value)
                .Select(one => (one.Key, one.Value)).ToList();
            return (off, on, _changed.Task);
        }
    }
}
