namespace WsPumps;

/// <summary>
/// Settings of a <see cref="Cluster"/>. All servers of an application must have the same, except for <see cref="NodeName"/>.
/// </summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// Distinguishes applications that share an engine and a prefix. Messages of other applications are ignored, counted, and logged once.
    /// </summary>
    /// <value>1 to 100 characters. Default: <c>WsPumps</c>.</value>
    public string ApplicationName { get; set; } = "WsPumps";

    /// <summary>The prefix of all channel names.</summary>
    /// <value>1 to 100 characters: letters, digits, <c>-</c>, <c>_</c> and <c>:</c>. Default: <c>wspumps</c>.</value>
    public string ChannelPrefix { get; set; } = "wspumps";

    /// <summary>A readable name for this server. Two servers may share a name: each start has its own id.</summary>
    /// <value>1 to 100 characters. Default: the name of the machine.</value>
    public string NodeName { get; set; } = Environment.MachineName;

    /// <summary>
    /// The number of channels that groups are spread over. A server subscribes only to those of groups that have a member on it.
    /// </summary>
    /// <value>1 to 1024. Default: 64.</value>
    public int GroupChannels { get; set; } = 64;

    /// <summary>The number of channels that users are spread over.</summary>
    /// <value>1 to 1024. Default: 64.</value>
    public int UserChannels { get; set; } = 64;

    /// <summary>How long a server stays subscribed to a channel after the last member has left.</summary>
    /// <value>Zero to 1 hour. Default: 60 seconds.</value>
    public TimeSpan InterestLinger { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many messages may wait while the engine does not take them. When one more comes, the oldest is dropped and counted.
    /// </summary>
    /// <value>1 to 1,000,000. Default: 10,000.</value>
    public int MaxOutboxMessages { get; set; } = 10_000;

    /// <summary>
    /// How many bytes may wait while the engine does not take them. Beyond that, the oldest messages are dropped and counted.
    /// </summary>
    /// <value>1 KiB to 1 GiB. Default: 16 MiB.</value>
    public long MaxOutboxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long a message may wait while the engine does not take it. After that it is dropped and counted.</summary>
    /// <value>100 ms to 1 hour. Default: 5 seconds.</value>
    public TimeSpan MaxOutboxAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a server tells the others that it is alive.</summary>
    /// <value>100 ms to 1 minute. Default: 3 seconds.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a server may be silent before it counts as gone.</summary>
    /// <value>At least twice <see cref="HeartbeatInterval"/>, at most 10 minutes. Default: 9 seconds.</value>
    public TimeSpan NodeTimeout { get; set; } = TimeSpan.FromSeconds(9);

    /// <summary>How long a channel may be silent before it is probed, to see whether what is published on it still arrives.</summary>
    /// <value>1 second to 10 minutes. Default: 5 seconds.</value>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the start fails when the engine cannot be reached within <see cref="ConnectTimeout"/>. Otherwise the server starts without
    /// the engine and keeps trying.
    /// </summary>
    /// <value>Default: false.</value>
    public bool RequireBackplane { get; set; }

    /// <summary>How long the start waits for the engine where <see cref="RequireBackplane"/> is set.</summary>
    /// <value>100 ms to 10 minutes. Default: 10 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether each server reports to the others how many connections its groups and users have, for <see cref="Cluster.Presence"/>.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Presence { get; set; }

    /// <summary>
    /// Approximately how many groups and users together one server reports. Beyond that, it reports only how many connections it has.
    /// </summary>
    /// <value>1 to 1,000,000. Default: 100,000.</value>
    public int MaxPresenceNames { get; set; } = 100_000;

    internal ClusterOptions Clone() => (ClusterOptions)MemberwiseClone();
}
