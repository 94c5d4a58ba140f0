using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Clustering;
using WsPumps.Diagnostics;

namespace WsPumps;

/// <summary>
/// The servers of one application, connected by an engine: what is written to an <see cref="Audience"/> of one of its broadcasters
/// reaches the clients of all of them. Clients of this server are served first, from this process, whatever state the engine is in.
/// </summary>
/// <remarks>
/// Between servers a message arrives at most once, and in order for each publishing server and channel. What did not arrive is counted, and
/// reported by <see cref="Gap"/>. All members may be called from any thread and any callback.
/// </remarks>
public sealed class Cluster : IAsyncDisposable
{
    private readonly ClusterCore _core;
    private readonly ClusterInbox _inbox;
    private readonly ClusterQueries _queries;
    private readonly SurplusConnections _surplus;
    private readonly IHistoryStore? _history;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="backplane">The engine. The cluster starts it, and disposes of it.</param>
    /// <param name="settings">Options, clock, logger; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    public Cluster(IBackplane backplane, ClusterSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(backplane);

        settings ??= new ClusterSettings();
        var options = ClusterOptionsCheck.Checked(settings.Options ?? new ClusterOptions());
        _time = SafeClock.Of(settings.TimeProvider);
        _history = settings.History;
        _logger = SafeLogger.Of(settings.Logger);
        _inbox = new ClusterInbox(_time);
        _core = new ClusterCore(backplane, options, _inbox, _time, _logger);
        _queries = new ClusterQueries(_core, _inbox, _time);
        Presence = new ClusterPresence(_core, _inbox, _time);
        _surplus = new SurplusConnections(_core, _inbox, _queries, Presence, _time, _logger);
        _inbox.Begin(_core, _queries, Presence, _surplus);
        // The store is the application's and may block: not the upkeep, which is the sign of life of this server.
        if (_history is not null)
            _core.OnHeard = channel => CountedWork.Queue(_time, _inbox.Heard, channel);
        if (settings.MeterFactory is { } meters)
            _inbox.Metrics = new ClusterMetrics(meters, this);
    }

    /// <summary>
    /// Another server has joined. Raised on the thread pool, one event after the other. An exception of a subscriber is logged.
    /// </summary>
    public event Action<ClusterNodeEvent>? NodeJoined
    {
        add => _core.Events.NodeJoined += value;
        remove => _core.Events.NodeJoined -= value;
    }

    /// <summary>Another server has left. Raised in the same way as <see cref="NodeJoined"/>.</summary>
    public event Action<ClusterNodeEvent>? NodeLeft
    {
        add => _core.Events.NodeLeft += value;
        remove => _core.Events.NodeLeft -= value;
    }

    /// <summary>
    /// Messages of another server did not arrive. Raised in the same way as <see cref="NodeJoined"/>; messages of one channel that go
    /// missing in the meantime are reported as one event.
    /// </summary>
    public event Action<ClusterGap>? Gap
    {
        add => _core.Events.Gap += value;
        remove => _core.Events.Gap -= value;
    }

    /// <summary>Identifies this start of this server: it has another id after a restart.</summary>
    public string NodeId => _core.Self.Id;

    /// <summary>The name of the engine, see <see cref="IBackplane.Name"/>.</summary>
    public string BackplaneName => _core.Backplane.Name;

    /// <summary>Whether the engine can be reached.</summary>
    public BackplaneStatus Status => _core.Status;

    /// <summary>Whether no other server is known: there is none, or this one is cut off. Its own clients are served either way.</summary>
    public bool IsAlone => _core.Nodes.IsAlone;

    /// <summary>The servers that are alive, this one first.</summary>
    public IReadOnlyList<ClusterNode> Nodes => [Self, .. _core.Nodes.Alive.OrderBy(node => node.Id, StringComparer.Ordinal)];

    /// <summary>What was published and received so far.</summary>
    public ClusterStatistics Statistics
    {
        get
        {
            var (messages, bytes) = _core.Outbox.Waiting;
            return _core.Counters.Read(messages, bytes);
        }
    }

    /// <summary>How many connections groups and users have in the cluster, where <see cref="ClusterOptions.Presence"/> is on.</summary>
    public ClusterPresence Presence { get; }

    private ClusterNode Self
    {
        get
        {
            var (connections, isDraining) = _inbox.Load();
            return new ClusterNode
            {
                Id = NodeId,
                Name = _core.Self.Name,
                IsSelf = true,
                StartedAt = _core.Self.StartedAt,
                LastSeenAt = _time.GetUtcNow(),
                Connections = connections,
                IsDraining = isDraining,
                State = Status.State,
            };
        }
    }

    /// <summary>
    /// Makes a broadcaster whose audiences reach the clients of all servers. Call it before clients are registered with the manager.
    /// </summary>
    /// <param name="manager">Knows the clients of this server.</param>
    /// <param name="name">
    /// Pairs it with the broadcasters of the same name on the other servers; an application with only one needs no name.
    /// </param>
    /// <param name="route">Wraps the route of the cluster in one of your own; null for none.</param>
    /// <exception cref="ArgumentException">There already is a broadcaster with that name.</exception>
    public Broadcaster CreateBroadcaster(Manager manager, string name = "", Func<IBroadcastRoute, IBroadcastRoute>? route = null)
    {
        ArgumentNullException.ThrowIfNull(manager);
        ArgumentNullException.ThrowIfNull(name);

        ClusterRoute? own = null;
        var broadcaster = new Broadcaster(manager, local =>
        {
            own = new ClusterRoute(local, _core, name);
            return route is null ? own : route(own);
        });
        broadcaster.Histories.Share(own!, _history);
        _inbox.Add(new ClusterMember(name, broadcaster, _core));
        return broadcaster;
    }

    /// <summary>
    /// Begins to connect; to be called once. Completes at once, whether the engine can be reached or not, unless
    /// <see cref="ClusterOptions.RequireBackplane"/> is set.
    /// </summary>
    /// <exception cref="TimeoutException">The engine is required, and could not be reached in time.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _core.StartAsync(cancellationToken);

    /// <summary>Counts the clients of an audience on all servers, by asking them.</summary>
    /// <param name="audience">An audience of a broadcaster of this cluster.</param>
    /// <param name="timeout">How long to wait for the others. 10 ms to 1 minute.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException"><paramref name="audience"/> is of no broadcaster of this cluster.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<ClusterResult<int>> CountAsync(Audience audience, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _queries.CountAsync(audience, timeout, cancellationToken);

    /// <summary>Asks all servers for the clients of an audience.</summary>
    /// <param name="audience">An audience of a broadcaster of this cluster.</param>
    /// <param name="timeout">How long to wait for the others. 10 ms to 1 minute.</param>
    /// <param name="limit">How many clients each server returns at most. 1 to 10,000.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException"><paramref name="audience"/> is of no broadcaster of this cluster.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timeout"/> or <paramref name="limit"/> is out of its range.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<ClusterResult<IReadOnlyList<ClusterClient>>> QueryAsync(Audience audience, TimeSpan timeout, int limit = 1000,
        CancellationToken cancellationToken = default) =>
        _queries.SnapshotsAsync(audience, timeout, limit, cancellationToken);

    /// <summary>
    /// Closes the connections of an audience on all servers, and returns how many there were. Clients that connect again in the meantime
    /// are not closed. <see cref="Audience.Close"/> does the same without waiting for the others.
    /// </summary>
    /// <param name="audience">An audience of a broadcaster of this cluster.</param>
    /// <param name="timeout">How long to wait for the others. 10 ms to 1 minute.</param>
    /// <param name="status">The close code.</param>
    /// <param name="reason">The close reason.</param>
    /// <param name="mode">Whether queued messages leave first.</param>
    /// <param name="cancellationToken">Ends the waiting, not the closing.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="status"/> may not be sent in a close frame, or <paramref name="timeout"/> is out of its range. Nobody was closed.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="audience"/> is of no broadcaster of this cluster.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<ClusterResult<int>> CloseAsync(
        Audience audience,
        TimeSpan timeout,
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure,
        string? reason = null,
        CloseMode mode = CloseMode.Drain,
        CancellationToken cancellationToken = default) =>
        _queries.CloseAsync(audience, timeout, status, reason, mode, cancellationToken);

    /// <summary>From now on sessions move from and to this server. Before the start.</summary>
    internal SessionMoves MoveSessions()
    {
        lock (_inbox)
            return _inbox.Sessions ??= new SessionMoves(_core, _time, _logger);
    }

    /// <summary>The channels on which messages come for a client of a broadcaster; none where it is not in the cluster.</summary>
    internal IReadOnlyCollection<int> ChannelsFor(Broadcaster broadcaster, string? userId, IEnumerable<string> groups)
    {
        var channels = _core.Channels;
        IEnumerable<int> users = userId is null ? [] : [channels.OfUser(userId)];
        return Has(broadcaster) ? [.. users.Concat(groups.Select(channels.OfGroup)).Append(ChannelMap.All).Distinct()] : [];
    }

    /// <inheritdoc cref="ClusterOptions.MaxOutboxBytes"/>
    internal long MaxOutboxBytes => _core.Options.MaxOutboxBytes;

    /// <summary>What a server is called.</summary>
    internal string NameOf(ulong instance) => _core.Nodes.IdOf(instance);

    /// <summary>Whether the broadcaster was made by this cluster.</summary>
    internal bool Has(Broadcaster broadcaster) => _inbox.Find(broadcaster.All) is not null;

    /// <summary>Whether servers tell each other what they have, see <see cref="ClusterOptions.Presence"/>.</summary>
    internal bool HasPresence => _core.Options.Presence;

    /// <summary>
    /// A connection of a user was admitted: of all in the cluster, only the newest <paramref name="max"/> are kept. Needs presence.
    /// </summary>
    internal void KeepNewest(string user, string broadcaster, int max) => _surplus.LetIn(user, broadcaster, max);

    /// <summary>Tells the other servers that this one leaves, and disposes of the engine. Safe to repeat.</summary>
    public ValueTask DisposeAsync() => _core.DisposeAsync();
}
