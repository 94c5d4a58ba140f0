namespace WsPumps;

/// <summary>Settings of a <see cref="Cluster"/>. All servers of an application have the same, but for <see cref="NodeName"/>.</summary>
public sealed class ClusterOptions
{
    /// <summary>
    /// Tells applications apart that share an engine and a prefix. Messages of another one are ignored, counted, and logged once.
    /// </summary>
    /// <value>1 to 100 characters. Default: <c>WsPumps</c>.</value>
    public string ApplicationName { get; set; } = "WsPumps";

    /// <summary>What the names of all channels begin with.</summary>
    /// <value>1 to 100 characters: letters, digits, <c>-</c>, <c>_</c> and <c>:</c>. Default: <c>wspumps</c>.</value>
    public string ChannelPrefix { get; set; } = "wspumps";

    /// <summary>Names this server for people. Two servers may have one name: each start has an id of its own.</summary>
    /// <value>1 to 100 characters. Default: the name of the machine.</value>
    public string NodeName { get; set; } = Environment.MachineName;

    /// <summary>Onto how many channels groups are spread. A server listens to those for which it has a member.</summary>
    /// <value>1 to 1024. Default: 64.</value>
    public int GroupChannels { get; set; } = 64;

    /// <summary>Onto how many channels users are spread.</summary>
    /// <value>1 to 1024. Default: 64.</value>
    public int UserChannels { get; set; } = 64;

    /// <summary>How long a server goes on listening to a channel after the last member has left.</summary>
    /// <value>Zero to 1 hour. Default: 60 seconds.</value>
    public TimeSpan InterestLinger { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How many messages wait while the engine does not take them. When one more comes, the oldest is dropped and counted.
    /// </summary>
    /// <value>1 to 1,000,000. Default: 10,000.</value>
    public int MaxOutboxMessages { get; set; } = 10_000;

    /// <summary>How many bytes wait while the engine does not take them.</summary>
    /// <value>1 KiB to 1 GiB. Default: 16 MiB.</value>
    public long MaxOutboxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long a message waits while the engine does not take it. Then it is dropped and counted.</summary>
    /// <value>100 ms to 1 hour. Default: 5 seconds.</value>
    public TimeSpan MaxOutboxAge { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a server tells the others that it is there.</summary>
    /// <value>100 ms to 1 minute. Default: 3 seconds.</value>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>After how long a silence a server counts as gone.</summary>
    /// <value>At least twice <see cref="HeartbeatInterval"/>, at most 10 minutes. Default: 9 seconds.</value>
    public TimeSpan NodeTimeout { get; set; } = TimeSpan.FromSeconds(9);

    /// <summary>After how long a silence a channel is probed: whether what is published there still arrives.</summary>
    /// <value>1 second to 10 minutes. Default: 5 seconds.</value>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the start fails when the engine cannot be reached within <see cref="ConnectTimeout"/>. Otherwise the server starts with
    /// what it has.
    /// </summary>
    /// <value>Default: false.</value>
    public bool RequireBackplane { get; set; }

    /// <summary>How long the start waits for the engine where <see cref="RequireBackplane"/> is set.</summary>
    /// <value>100 ms to 10 minutes. Default: 10 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether each server tells the others how many connections its groups and users have, for <see cref="Cluster.Presence"/>.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Presence { get; set; }

    /// <summary>About how many groups and users together one server tells. Over it, it tells only how many connections it has.</summary>
    /// <value>1 to 1,000,000. Default: 100,000.</value>
    public int MaxPresenceNames { get; set; } = 100_000;

    internal ClusterOptions Clone() => (ClusterOptions)MemberwiseClone();
}
