using StackExchange.Redis;

namespace WsPumps.Redis;

/// <summary>
/// Publishes on one connection with a bound on what is under way. Only every so many messages the answer is waited for: answers come
/// in order, so it stands for those before it as well.
/// </summary>
internal sealed class RedisTraffic(ISubscriber redis, RedisBackplaneOptions options, Action writable)
{
    private const int MaxUnanswered = 32;
    private const int MaxUnansweredBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private int _messages;
    private long _bytes;
    private int _unansweredMessages;
    private long _unansweredBytes;
    private bool _hasRefused;

    public bool TryPublish(RedisChannel channel, ReadOnlyMemory<byte> data)
    {
        (int Messages, long Bytes)? answered = null;
        lock (_lock)
        {
            if (_messages >= options.MaxMessagesUnderWay || (_bytes > 0 && _bytes + data.Length > options.MaxBytesUnderWay))
            {
                _hasRefused = true;
                return false;
            }

            _messages++;
            _bytes += data.Length;
            _unansweredMessages++;
            _unansweredBytes += data.Length;
            var isNearBound = _messages >= options.MaxMessagesUnderWay / 2 || _bytes >= options.MaxBytesUnderWay / 2;
            if (_unansweredMessages >= MaxUnanswered || _unansweredBytes >= MaxUnansweredBytes || isNearBound)
            {
                answered = (_unansweredMessages, _unansweredBytes);
                (_unansweredMessages, _unansweredBytes) = (0, 0);
            }
        }

        if (answered is { } counts)
            _ = WaitAsync(redis.PublishAsync(channel, data), counts.Messages, counts.Bytes);
        else
            redis.Publish(channel, data, CommandFlags.FireAndForget);
        return true;
    }

    private async Task WaitAsync(Task<long> answer, int messages, long bytes)
    {
        // A failure says that the connection is gone. That is noticed, and told, elsewhere.
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool isWritable;
        lock (_lock)
        {
            _messages -= messages;
            _bytes -= bytes;
            isWritable = _hasRefused && _messages <= options.MaxMessagesUnderWay / 2 && _bytes <= options.MaxBytesUnderWay / 2;
            if (isWritable)
                _hasRefused = false;
        }

        if (isWritable)
            writable();
    }
}
