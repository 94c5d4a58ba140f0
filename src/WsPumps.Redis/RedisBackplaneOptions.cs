using StackExchange.Redis;

namespace WsPumps;

/// <summary>How the servers reach Redis.</summary>
public sealed class RedisBackplaneOptions
{
    /// <summary>
    /// Where Redis is, in the form of StackExchange.Redis: <c>host:port,password=…,ssl=true</c>. More than one address for a Redis Cluster.
    /// </summary>
    /// <value>Default: <c>127.0.0.1:6379</c>. Ignored when <see cref="ConfigurationOptions"/> or <see cref="Multiplexer"/> is set.</value>
    public string Configuration { get; set; } = "127.0.0.1:6379";

    /// <summary>Where Redis is, with all settings StackExchange.Redis has: certificates, users, tunnels.</summary>
    /// <value>Default: null, <see cref="Configuration"/> is used.</value>
    public ConfigurationOptions? ConfigurationOptions { get; set; }

    /// <summary>A connection of the application, which owns and disposes of it.</summary>
    /// <remarks>
    /// It then reconnects by its own settings, and its slow commands hold up messages. Where possible, let the engine make its own
    /// connection.
    /// </remarks>
    /// <value>Default: null, a connection is made.</value>
    public IConnectionMultiplexer? Multiplexer { get; set; }

    /// <summary>Whether sharded pub/sub (Redis 7) is used: each channel lives on one shard instead of on all.</summary>
    /// <remarks>All servers must agree. Messages keep their order only within each channel.</remarks>
    /// <value>Default: null, only where the server is a Redis Cluster.</value>
    public bool? Sharded { get; set; }

    /// <summary>How often the connections for publishing and for subscriptions are asked for a sign of life.</summary>
    /// <value>100 ms to 1 minute. Default: 2 seconds.</value>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the answer to a probe may take before the connection counts as lost and a new one is made.</summary>
    /// <value>100 ms to 1 minute. Default: 3 seconds.</value>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The longest wait before the second attempt to connect. It doubles with each attempt; the wait itself is a random part of it.
    /// </summary>
    /// <value>10 ms to 1 minute. Default: 200 ms.</value>
    public TimeSpan MinBackoff { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait before an attempt to connect.</summary>
    /// <value>At least <see cref="MinBackoff"/>, at most 10 minutes. Default: 15 seconds.</value>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many messages may be in flight to Redis. Further ones wait in the outbox.</summary>
    /// <value>1 to 1,000,000. Default: 10,000.</value>
    public int MaxMessagesUnderWay { get; set; } = 10_000;

    /// <summary>How many bytes may be in flight to Redis. One message is always allowed, however large.</summary>
    /// <value>1 KiB to 1 GiB. Default: 16 MiB.</value>
    public long MaxBytesUnderWay { get; set; } = 16 * 1024 * 1024;

    internal RedisBackplaneOptions Clone() => (RedisBackplaneOptions)MemberwiseClone();
}
