using System.Runtime.CompilerServices;

namespace WsPumps;

/// <summary>How long, and with how many messages, a session outlives a connection that is lost.</summary>
/// <remarks>Setting a value that is out of its range throws an <see cref="ArgumentOutOfRangeException"/>.</remarks>
public sealed class ResumeOptions
{
    /// <summary>How long a session waits for its peer to come back.</summary>
    /// <value>1 second to 1 hour. Default: 30 seconds.</value>
    public TimeSpan Window { get; set => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)); } =
        TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many messages are kept that were written and may not have arrived. Beyond that, the oldest are discarded, and a peer that lacks
    /// one of them gets a new session.
    /// </summary>
    /// <value>1 to 65,536. Default: 256.</value>
    public int MaxMessages { get; set => field = InRange(value, 1, 64 * 1024); } = 256;

    /// <summary>How many payload bytes are kept; see <see cref="MaxMessages"/>.</summary>
    /// <value>1 to 1,073,741,824 bytes. Default: 65,536.</value>
    public long MaxBytes { get; set => field = InRange(value, 1, 1024 * 1024 * 1024); } = 64 * 1024;

    /// <summary>
    /// How many sessions of an endpoint may wait for their peers at the same time. Beyond that, the one that has waited longest ends.
    /// </summary>
    /// <value>1 to 1,000,000. Default: 10,000.</value>
    public int MaxAway { get; set => field = InRange(value, 1, 1_000_000); } = 10_000;

    /// <summary>
    /// Whether a session moves to another server when its client comes back there, where the servers are a cluster: see docs/resume.md.
    /// </summary>
    /// <value>Default: true. Without a cluster, it has no effect.</value>
    public bool BetweenServers { get; set; } = true;

    /// <summary>
    /// How long a client that comes back waits while the other servers are asked for its session, and then again while the session moves.
    /// If the first wait runs out, it gets a new session; if the second does, it is asked to come back again.
    /// </summary>
    /// <value>50 milliseconds to 10 seconds. Default: 1 second.</value>
    public TimeSpan MoveTimeout { get; set => field = InRange(value, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10)); } =
        TimeSpan.FromSeconds(1);

    /// <summary>
    /// Approximately how many bytes of messages and state a session may have if it is to move. A larger one stays where it is.
    /// </summary>
    /// <value>1 to 16,777,216 bytes. Default: 524,288. NATS carries at most 1 MiB unless configured otherwise.</value>
    public int MaxMoveBytes { get; set => field = InRange(value, 1, 16 * 1024 * 1024); } = 512 * 1024;

    /// <summary>
    /// Called when a session is about to move to another server: returns what the application wants to move with it, for example from
    /// <see cref="IClient.Items"/>. The register callback there finds it in its context. Called on the thread pool; an exception is logged,
    /// and the session stays.
    /// </summary>
    /// <value>Default: null, no state of the application moves.</value>
    public Func<IClient, ReadOnlyMemory<byte>>? MovingState { get; set; }

    internal ResumeOptions Clone() => (ResumeOptions)MemberwiseClone();

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : IComparable<T> => value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"Resume.{name} must be between {min} and {max}.");
}
