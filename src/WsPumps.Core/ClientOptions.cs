using System.Globalization;

namespace WsPumps;

/// <summary>The limits and timeouts of one connection. A client copies what it needs when it is created.</summary>
public class ClientOptions
{
    private const int DefaultMaxInboundBytes = 256 * 1024;
    private const long DefaultMaxQueuedBytes = 1024 * 1024;
    private const int ConflatedMaxSocketBytes = 16 * 1024;

    /// <summary>
    /// The largest message that is received, in bytes of payload, all fragments together. A larger one closes the connection with 1009.
    /// </summary>
    /// <value>1 to 1,073,741,824 bytes. Default: 65,536.</value>
    public int MaxMessageSize { get; set; } = 64 * 1024;

    /// <summary>
    /// The largest message that is received as a stream, in bytes of payload, decompressed. A larger one closes the connection with 1009.
    /// <see cref="MaxMessageSize"/> does not apply to it.
    /// </summary>
    /// <value>1 to 1,125,899,906,842,624 bytes. Default: 1,073,741,824.</value>
    public long MaxStreamSize { get; set; } = 1024 * 1024 * 1024;

    /// <summary>How many messages may wait for a client in its queue.</summary>
    /// <value>1 to 1,048,576. Default: 256.</value>
    public int MaxQueuedMessages { get; set; } = 256;

    /// <summary>How many payload bytes may wait for a client in its queue.</summary>
    /// <value>At least <see cref="MaxMessageSize"/>. Default (null): 1 MiB, or <see cref="MaxMessageSize"/> where that is more.</value>
    public long? MaxQueuedBytes { get; set; }

    /// <summary>
    /// What happens to a message that is written without waiting when the queue is full. A message can say otherwise, see
    /// <see cref="MessageOptions"/>.
    /// </summary>
    /// <value>Default: <see cref="WsPumps.SlowClientPolicy.Disconnect"/>.</value>
    public SlowClientPolicy SlowClientPolicy { get; set; }

    /// <summary>
    /// How many unsent bytes the operating system may hold for the connection. A slow client falls behind by this much before its queue
    /// begins to fill.
    /// </summary>
    /// <remarks>
    /// TCP_NOTSENT_LOWAT: bytes in flight do not count, so a fast client is not held back. The system sends in pieces and may exceed the
    /// limit by one piece, 64 KiB at most.
    /// </remarks>
    /// <value>
    /// 1,024 to 1,073,741,824 bytes. Default (null): 16,384 with <see cref="WsPumps.SlowClientPolicy.Conflate"/>; otherwise as the system
    /// has it, which may be megabytes. Linux only, and without effect on HTTP/2 and on servers that do not use the sockets of Kestrel.
    /// </value>
    public int? MaxSocketBytes { get; set; }

    /// <summary>
    /// The fraction of either of its bounds at which a queue raises <see cref="ClientEvents.HighWatermarkReached"/>: a warning before
    /// anything is lost.
    /// </summary>
    /// <value>More than <see cref="LowWatermark"/>, at most 1. Default: 0.75.</value>
    public double HighWatermark { get; set; } = 0.75;

    /// <summary>
    /// The fraction of both of its bounds to which a queue must fall, after a warning, to raise
    /// <see cref="ClientEvents.LowWatermarkReached"/>.
    /// </summary>
    /// <value>0 to less than <see cref="HighWatermark"/>. Default: 0.25.</value>
    public double LowWatermark { get; set; } = 0.25;

    /// <summary>
    /// How many received messages may wait while a handler works. When that many wait, the connection is not read further.
    /// </summary>
    /// <value>1 to 65,536. Default: 16.</value>
    public int MaxInboundMessages { get; set; } = 16;

    /// <summary>
    /// How many bytes of received messages may wait while a handler works. When that many wait, the connection is not read further; the
    /// message that exceeds the bound is still taken.
    /// </summary>
    /// <value>1 to 1,073,741,824 bytes. Default (null): 262,144, or <see cref="MaxMessageSize"/> where that is more.</value>
    public int? MaxInboundBytes { get; set; }

    /// <summary>Whether and how messages are compressed, where the peer offers it.</summary>
    /// <value>Default: null, they are not.</value>
    public CompressionOptions? Compression { get; set; }

    /// <summary>The time between two pings. Proxies cut idle connections, many after 60 seconds.</summary>
    /// <value>1 second to 1 day; zero for no pings. Default: 25 seconds.</value>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long the peer may take to answer a ping before the connection is aborted.</summary>
    /// <value>1 second to 1 day. Default: 15 seconds.</value>
    public TimeSpan PongTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a write to the peer may go without progress, and how long the queue may take to drain at a close, before the connection
    /// is aborted.
    /// </summary>
    /// <value>100 milliseconds to 1 day. Default: 10 seconds.</value>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the peer may take to answer a close frame before the connection is aborted, and how long a connection that
    /// has ended waits for its handler.
    /// </summary>
    /// <value>100 milliseconds to 1 day. Default: 5 seconds.</value>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a message may take from its first byte to its last, over all of its fragments, before the connection is closed with 1008.
    /// For a message that is received as a stream: how long it may make no progress while its handler waits for more of it.
    /// </summary>
    /// <value>1 second to 1 day; zero for no limit. Default: 30 seconds.</value>
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the peer may take to send its first complete message before the connection is closed with 1008. For protocols in which the
    /// client speaks first.
    /// </summary>
    /// <value>1 second to 1 day. Default: null, no limit.</value>
    public TimeSpan? FirstMessageTimeout { get; set; }

    /// <summary>
    /// How old a connection may become before it is closed with 1001, so that the peer comes back, perhaps to another server.
    /// </summary>
    /// <value>1 second to 49 days. Default: null, no limit.</value>
    public TimeSpan? MaxLifetime { get; set; }

    /// <summary>
    /// The largest fraction of <see cref="MaxLifetime"/> by which a connection may end early, chosen at random, so that connections that
    /// began together do not end together.
    /// </summary>
    /// <value>0 to 1. Default: 0.1.</value>
    public double LifetimeJitter { get; set; } = 0.1;

    /// <summary>
    /// How long before the user's authentication expires <see cref="ClientEvents.AuthenticationExpiring"/> is raised: the time left to
    /// refresh it.
    /// </summary>
    /// <value>Zero to 1 day. Default: 60 seconds. Zero: never.</value>
    public TimeSpan AuthenticationNotice { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many messages the peer may send per second, over time. A fragment counts as one, and so does a ping.</summary>
    /// <value>1 to 1,000,000. Default: null, no limit.</value>
    public int? MaxMessagesPerSecond { get; set; }

    /// <summary>
    /// How many payload bytes the peer may send per second, over time. A message is let through while anything of the allowance is left,
    /// even if it is larger; the next one is too early until the time for the excess has passed.
    /// </summary>
    /// <value>1 to 1,099,511,627,776 bytes. Default: null, no limit.</value>
    public long? MaxBytesPerSecond { get; set; }

    /// <summary>
    /// How many seconds' worth of <see cref="MaxMessagesPerSecond"/> and <see cref="MaxBytesPerSecond"/> a peer that was quiet may send
    /// at once.
    /// </summary>
    /// <value>1 second to 1 hour. Default: 5 seconds.</value>
    public TimeSpan RateBurst { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What happens to a peer that sends more than <see cref="MaxMessagesPerSecond"/> or <see cref="MaxBytesPerSecond"/>.
    /// </summary>
    /// <value>Default: <see cref="WsPumps.FastClientPolicy.Disconnect"/>.</value>
    public FastClientPolicy FastClientPolicy { get; set; }

    /// <summary>Whether a connection goes on after a handler threw an exception. The exception is logged either way.</summary>
    /// <value>Default: false, the connection is closed with 1011.</value>
    public bool ContinueOnHandlerError { get; set; }

    internal long EffectiveMaxInboundBytes => MaxInboundBytes ?? Math.Max(DefaultMaxInboundBytes, MaxMessageSize);

    internal long EffectiveMaxQueuedBytes => MaxQueuedBytes ?? Math.Max(DefaultMaxQueuedBytes, MaxMessageSize);

    internal int? EffectiveMaxSocketBytes =>
        MaxSocketBytes ?? (SlowClientPolicy is SlowClientPolicy.Conflate ? ConflatedMaxSocketBytes : null);

    /// <summary>Checks ranges and relations.</summary>
    /// <returns>A sentence for each rule that is broken, with names and values; empty when all is well.</returns>
    internal virtual IEnumerable<string> Validate()
    {
        string?[] ranges =
        [
            OutOfRange(nameof(MaxMessageSize), MaxMessageSize, 1, 1024 * 1024 * 1024),
            OutOfRange(nameof(MaxStreamSize), MaxStreamSize, 1, 1L << 50),
            OutOfRange(nameof(MaxQueuedMessages), MaxQueuedMessages, 1, 1024 * 1024),
            MaxSocketBytes is { } socketBytes ? OutOfRange(nameof(MaxSocketBytes), socketBytes, 1024, 1024 * 1024 * 1024) : null,
            OutOfRange(nameof(HighWatermark), HighWatermark, 0, 1),
            OutOfRange(nameof(LowWatermark), LowWatermark, 0, 1),
            OutOfRange(nameof(MaxInboundMessages), MaxInboundMessages, 1, 64 * 1024),
            MaxInboundBytes is { } inboundBytes ? OutOfRange(nameof(MaxInboundBytes), inboundBytes, 1, 1024 * 1024 * 1024) : null,
            PingInterval == TimeSpan.Zero ? null : OutOfRange(nameof(PingInterval), PingInterval, TimeSpan.FromSeconds(1),
                TimeSpan.FromDays(1)),
            OutOfRange(nameof(PongTimeout), PongTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            OutOfRange(nameof(WriteTimeout), WriteTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            OutOfRange(nameof(CloseTimeout), CloseTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            MessageTimeout == TimeSpan.Zero ? null : OutOfRange(nameof(MessageTimeout), MessageTimeout, TimeSpan.FromSeconds(1),
                TimeSpan.FromDays(1)),
            FirstMessageTimeout is { } first ? OutOfRange(nameof(FirstMessageTimeout), first, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1))
                : null,
            MaxLifetime is { } lifetime ? OutOfRange(nameof(MaxLifetime), lifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(49)) : null,
            OutOfRange(nameof(LifetimeJitter), LifetimeJitter, 0, 1),
            OutOfRange(nameof(AuthenticationNotice), AuthenticationNotice, TimeSpan.Zero, TimeSpan.FromDays(1)),
            MaxMessagesPerSecond is { } messages ? OutOfRange(nameof(MaxMessagesPerSecond), messages, 1, 1_000_000) : null,
            MaxBytesPerSecond is { } bytes ? OutOfRange(nameof(MaxBytesPerSecond), bytes, 1, 1L << 40) : null,
            OutOfRange(nameof(RateBurst), RateBurst, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        ];
        foreach (var failure in ranges)
        {
            if (failure is not null)
                yield return failure;
        }

        foreach (var failure in Compression?.Validate() ?? [])
            yield return failure;

        if (!Enum.IsDefined(SlowClientPolicy))
        {
            yield return $"{nameof(SlowClientPolicy)} is {SlowClientPolicy}; it must be one of " +
                $"{string.Join(", ", Enum.GetNames<SlowClientPolicy>())}.";
        }

        if (!Enum.IsDefined(FastClientPolicy))
        {
            yield return $"{nameof(FastClientPolicy)} is {FastClientPolicy}; it must be one of " +
                $"{string.Join(", ", Enum.GetNames<FastClientPolicy>())}.";
        }

        if (LowWatermark >= HighWatermark)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{nameof(LowWatermark)} ({LowWatermark}) is not less than {nameof(HighWatermark)} ({HighWatermark}): ") +
                "the warning would never end. Lower the first or raise the second.";
        }

        if (MaxQueuedBytes < MaxMessageSize)
        {
            yield return $"{nameof(MaxQueuedBytes)} ({MaxQueuedBytes}) is less than {nameof(MaxMessageSize)} ({MaxMessageSize}): " +
                "a message that can be received could never be sent on. Raise the first, lower the second, or leave the first unset.";
        }
    }

    private static string? OutOfRange<T>(string name, T value, T min, T max)
        where T : IComparable<T> =>
        value.CompareTo(min) < 0 || value.CompareTo(max) > 0 ? $"{name} is {value}; it must be between {min} and {max}." : null;
}
