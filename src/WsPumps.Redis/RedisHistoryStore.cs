using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace WsPumps.Redis;

/// <summary>
/// Keeps the history of each group in a stream that all servers share. Each entry names the one before it, so that a reader sees
/// whether something is missing, also where the stream was cut.
/// </summary>
internal sealed class RedisHistoryStore(Func<IDatabase?> database, string prefix) : IHistoryStore
{
    /// <summary>How long a history outlives its last message, beyond its own age.</summary>
    private static readonly TimeSpan KeptLonger = TimeSpan.FromHours(1);

    // KEYS: stream, head. ARGV: type, payload, count, age in ms, epoch for a new history, whether to begin anew, time to live in ms.
    private const string Append = """
        local epoch = redis.call('HGET', KEYS[2], 'epoch')
        if not epoch or ARGV[6] == '1' then
          epoch = ARGV[5]
          redis.call('DEL', KEYS[1])
          redis.call('HSET', KEYS[2], 'epoch', epoch)
        end
        local last = redis.call('HGET', KEYS[2], 'last') or '0-0'
        local now = redis.call('TIME')
        local ms = now[1] * 1000 + math.floor(now[2] / 1000)
        local id
        local lastMs = tonumber(string.match(last, '^%d+'))
        if ms > lastMs then
          id = string.format('%.0f-0', ms)
        else
          id = string.format('%.0f-%.0f', lastMs, tonumber(string.match(last, '%d+$')) + 1)
        end
        redis.call('XADD', KEYS[1], id, 't', ARGV[1], 'd', ARGV[2], 'p', last)
        redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[3])
        redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', ms - ARGV[4]))
        redis.call('HSET', KEYS[2], 'last', id)
        redis.call('PEXPIRE', KEYS[1], ARGV[7])
        redis.call('PEXPIRE', KEYS[2], ARGV[7])
        return {epoch, id, last}
        """;

    // KEYS: stream, head. ARGV: the place, epoch for a new history, age in ms, time to live in ms.
    private const string Read = """
        local epoch = redis.call('HGET', KEYS[2], 'epoch')
        if not epoch then
          epoch = ARGV[2]
          redis.call('DEL', KEYS[1])
          redis.call('HSET', KEYS[2], 'epoch', epoch)
          redis.call('PEXPIRE', KEYS[2], ARGV[4])
        end
        local now = redis.call('TIME')
        redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[3]))
        return {epoch, redis.call('HGET', KEYS[2], 'last') or '0-0', redis.call('XRANGE', KEYS[1], ARGV[1], '+')}
        """;

    public async ValueTask<HistoryEntry> AppendAsync(string group, PreparedMessage message, HistoryOptions options, bool beginAnew,
        CancellationToken cancellationToken)
    {
        var result = (RedisResult[])(await RunAsync(Append, group,
            message.Type is WebSocketMessageType.Text ? "t" : "b",
            message.Payload,
            options.Count,
            (long)options.Age.TotalMilliseconds,
            NewEpoch(),
            beginAnew ? 1 : 0,
            TimeToLive(options)).ConfigureAwait(false))!;
        return new HistoryEntry
        {
            Epoch = (string)result[0]!,
            Offset = OffsetOf((string)result[1]!),
            Previous = OffsetOf((string)result[2]!),
            Message = message,
        };
    }

    public async ValueTask<HistoryRead> ReadAsync(string group, HistoryOffset after, HistoryOptions options,
        CancellationToken cancellationToken)
    {
        var from = after == default ? "-" : string.Create(CultureInfo.InvariantCulture, $"({after.Major}-{after.Minor}");
        var result = (RedisResult[])(await RunAsync(Read, group, from, NewEpoch(), (long)options.Age.TotalMilliseconds, TimeToLive(options))
            .ConfigureAwait(false))!;
        var epoch = (string)result[0]!;
        return new HistoryRead
        {
            Epoch = epoch,
            Last = OffsetOf((string)result[1]!),
            Entries = [.. ((RedisResult[])result[2]!).Select(entry => EntryOf(epoch, (RedisResult[])entry!))],
        };
    }

    private static HistoryEntry EntryOf(string epoch, RedisResult[] entry)
    {
        var fields = (RedisResult[])entry[1]!;
        var payload = (byte[])fields[3]!;
        return new HistoryEntry
        {
            Epoch = epoch,
            Offset = OffsetOf((string)entry[0]!),
            Previous = OffsetOf((string)fields[5]!),
            Message = (string)fields[1]! == "t" ? PreparedMessage.Text(payload) : PreparedMessage.Binary(payload),
        };
    }

    private static HistoryOffset OffsetOf(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return new HistoryOffset(
            ulong.Parse(id.AsSpan(0, dash), CultureInfo.InvariantCulture),
            ulong.Parse(id.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    private static long TimeToLive(HistoryOptions options) => (long)(options.Age + KeptLonger).TotalMilliseconds;

    private static string NewEpoch() => RandomNumberGenerator.GetInt32(int.MaxValue).ToString("x", CultureInfo.InvariantCulture);

    private Task<RedisResult> RunAsync(string script, string group, params RedisValue[] values)
    {
        var redis = database() ?? throw new InvalidOperationException("Redis is not connected.");
        // The braces put both keys on one shard of a Redis Cluster.
        return redis.ScriptEvaluateAsync(script, [$"{prefix}:history:{{{group}}}:entries", $"{prefix}:history:{{{group}}}:head"], values);
    }
}
