using WsPumps.Broadcasting;
using WsPumps.History;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>
/// Writes one message to many clients of a <see cref="Manager"/>: choose the <see cref="Audience"/>, then write to it. It also keeps the
/// groups.
/// </summary>
/// <remarks>
/// All members may be called from any thread and any callback: no lock is held while a client, an event or a predicate is
/// called. Groups belong to the manager: two broadcasters of one manager have the same.
/// </remarks>
public sealed class Broadcaster
{
    private readonly ClientRegistry _registry;
    private readonly LocalRoute _local;
    private readonly IBroadcastRoute _route;

    /// <param name="manager">Knows the clients.</param>
    /// <param name="route">
    /// Wraps the route that reaches the clients of the manager; all audiences use what it returns, see <see cref="IBroadcastRoute"/>. Null:
    /// that route is used as it is.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="route"/> returned null.</exception>
    public Broadcaster(Manager manager, Func<IBroadcastRoute, IBroadcastRoute>? route = null)
    {
        ArgumentNullException.ThrowIfNull(manager);
        Manager = manager;
        _registry = manager.Registry;
        _local = new LocalRoute(_registry, manager.Calls, manager.Time, manager.Metrics);
        _route = route is null ? _local : route(_local) ?? throw new ArgumentException(
            "The function returned no route. Return the one that it was given, or one around it.", nameof(route));
        Histories = new GroupHistories(_route, _local, _registry, manager.Time, manager.Logger);
        _route = Histories;
        All = Of(AudienceSelector.All);
    }

    /// <summary>
    /// A client has joined a group. The changes of one client are raised one at a time and in order; an exception of a subscriber is logged
    /// and has no other effect.
    /// </summary>
    public event Action<MembershipEvent>? Joined
    {
        add => Manager.Memberships.Joined += value;
        remove => Manager.Memberships.Joined -= value;
    }

    /// <summary>A client has left a group, or its connection has ended. Raised in the same way as <see cref="Joined"/>.</summary>
    public event Action<MembershipEvent>? Left
    {
        add => Manager.Memberships.Left += value;
        remove => Manager.Memberships.Left -= value;
    }

    /// <summary>The manager that knows the clients.</summary>
    public Manager Manager { get; }

    internal GroupHistories Histories { get; }

    /// <summary>Every registered client.</summary>
    public Audience All { get; }

    /// <summary>The names of all groups of this process, in no particular order. A group exists as long as it has a member.</summary>
    public IReadOnlyCollection<string> GroupNames => _registry.Groups;

    /// <summary>The audience that a selector describes, for example one that came from another process.</summary>
    public Audience Of(AudienceSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return new Audience(selector, _route, _local);
    }

    /// <summary>The members of a group; nobody when there is no such group.</summary>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    public Audience Group(string name) => Of(AudienceSelector.Groups(name));

    /// <summary>Clients that are in at least one of these groups; each is reached once. Nobody when there are no names.</summary>
    /// <exception cref="ArgumentException">A name is null or empty.</exception>
    public Audience Groups(params ReadOnlySpan<string> names) => Of(AudienceSelector.Groups(names));

    /// <summary>All connections of a user; nobody when the user has none.</summary>
    /// <exception cref="ArgumentException"><paramref name="id"/> is null or empty.</exception>
    public Audience User(string id) => Of(AudienceSelector.Users(id));

    /// <summary>All connections of these users. Nobody when there are no ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public Audience Users(params ReadOnlySpan<string> ids) => Of(AudienceSelector.Users(ids));

    /// <summary>The registered client with this id, or nobody.</summary>
    /// <exception cref="ArgumentException"><paramref name="id"/> is null or empty.</exception>
    public Audience Client(string id) => Of(AudienceSelector.Clients(id));

    /// <summary>The registered clients with these ids, each once. Ids without a client are skipped.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public Audience Clients(params ReadOnlySpan<string> ids) => Of(AudienceSelector.Clients(ids));

    /// <summary>Every registered client except these, see <see cref="Audience.Except(ReadOnlySpan{IClient})"/>.</summary>
    /// <exception cref="ArgumentException">A client is null.</exception>
    public Audience Except(params ReadOnlySpan<IClient> clients) => All.Except(clients);

    /// <summary>Every registered client except those with these ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public Audience Except(params ReadOnlySpan<string> ids) => All.Except(ids);

    /// <summary>
    /// Adds a client to a group, in constant time; the group begins with its first member. The client need not be registered yet, so a
    /// register callback can do it; it is a member at once. Its memberships end with its connection.
    /// </summary>
    /// <remarks>
    /// Here, as in <see cref="Leave"/> and <see cref="GroupsOf"/>, clients are compared by id, so an inner client stands for the one that
    /// wraps it.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="group"/> is null or empty.</exception>
    /// <returns>Whether it joined: false when it is already a member, when its connection has ended, or when it was unregistered.</returns>
    public bool Join(IClient client, string group)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(group);
        return _registry.Join(client, group);
    }

    /// <summary>Removes a client from a group, in constant time; the group ends with its last member.</summary>
    /// <returns>Whether it was a member.</returns>
    public bool Leave(IClient client, string group)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(group);
        return _registry.Leave(client, group);
    }

    /// <summary>The groups of a client at this moment, in no particular order. A copy.</summary>
    public IReadOnlyCollection<string> GroupsOf(IClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return _registry.TryFind(client.Id, out var entry) ? entry.GroupNames() : [];
    }

    /// <summary>
    /// Keeps the latest messages that are written to a group from now on, for clients that join with <see cref="JoinAsync"/>. Only messages
    /// that are written to this group alone are kept. Safe to repeat: the first options count.
    /// </summary>
    /// <param name="group">The group. It may have no members yet, and keeps its history after the last one has left.</param>
    /// <param name="options">How much is kept; null for the defaults.</param>
    /// <remarks>
    /// Messages to a group with a history are sent one at a time, in one order. With a cluster that shares histories, the store determines
    /// that order: it is called before the members get the message. When two are written at the same time with
    /// <see cref="Audience.Write(PreparedMessage)"/>, the result of the second has no counts.
    /// <see cref="Audience.WriteAsync(PreparedMessage, CancellationToken)"/> waits for the turn of its message, and not for room in a
    /// queue; its token counts until the turn has come. From then on the store has the message, and it is sent.
    /// </remarks>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public void KeepHistory(string group, HistoryOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        Histories.Keep(group, options ?? new HistoryOptions());
    }

    /// <summary>Stops keeping the messages of a group, and drops those that this process has kept.</summary>
    /// <returns>Whether the group kept a history.</returns>
    public bool ForgetHistory(string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return Histories.Forget(group);
    }

    /// <summary>
    /// Adds a client to a group that keeps a history: it gets the messages it has missed and then the new ones, without gaps or duplicates,
    /// even while others write.
    /// </summary>
    /// <param name="client">The client. A client that is already a member leaves and joins again.</param>
    /// <param name="group">The group.</param>
    /// <param name="after">
    /// The position of the last message that the client has, see <see cref="HistoryOptions.Stamp"/>. Null: it has none, and gets everything
    /// that is kept.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting. The client then does not join.</param>
    /// <returns>Completes when the client is a member: it waits for room in the client's queue.</returns>
    /// <exception cref="ArgumentException"><paramref name="after"/> is not a position.</exception>
    /// <exception cref="InvalidOperationException">The group keeps no history.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public ValueTask<HistoryResult> JoinAsync(IClient client, string group, string? after = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(group);
        return Histories.JoinAsync(client, group, after, cancellationToken);
    }

    /// <summary>The client that was registered: the one given, or one that wraps it.</summary>
    internal IClient Outer(IClient client) => _registry.TryFind(client.Id, out var entry) ? entry.Client : client;

    /// <summary>Whether the audience was made by this broadcaster.</summary>
    internal bool Made(Audience audience) => audience.HasRoute(_route);
}
