using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using WsPumps.Diagnostics;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>The default <see cref="IManager"/>: knows its clients by id, by user and by group.</summary>
/// <remarks>
/// All members may be called from any thread and any callback: no lock is held while a client, an event or a predicate is
/// called. The collections are live views, enumerated without a copy and without a lock: a client that comes or goes meanwhile
/// may or may not be seen. A client is known by the reference that was registered; in <see cref="Join"/>, <see cref="Leave"/>
/// and <see cref="GroupsOf"/> its id counts, so that the inner client of one that wraps it stands for the whole.
/// </remarks>
public class Manager : IManager
{
    private readonly MembershipEvents _events;
    private readonly Drain _drain;
    private readonly DrainOptions _drainOptions;
    private readonly Func<ClaimsPrincipal, string?> _userId;

    /// <param name="settings">How it drains, and who is told what; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option of the drain is out of its range, or contradicts another.</exception>
    public Manager(ManagerSettings? settings = null)
    {
        settings ??= new ManagerSettings();
        _drainOptions = Checked(settings.Drain ?? new DrainOptions());
        var logger = SafeLogger.Of(settings.Logger);
        Time = SafeClock.Of(settings.TimeProvider);
        Metrics = settings.Metrics;
        Calls = new ClientCalls(logger);
        _userId = settings.UserId ?? UserIdentity.DefaultId;
        _events = new MembershipEvents(logger);
        Registry = new ClientRegistry(_events);
        Clients = new ClientView(Registry.Registered);
        _drain = new Drain(Clients, Calls, Time, logger);
    }

    /// <summary>A client has joined a group. The changes of one client are told one at a time and in order; an exception is logged and goes no further.</summary>
    public event Action<IClient, string>? Joined
    {
        add => _events.Joined += value;
        remove => _events.Joined -= value;
    }

    /// <summary>A client has left a group, or its connection has ended. Told as <see cref="Joined"/> is.</summary>
    public event Action<IClient, string>? Left
    {
        add => _events.Left += value;
        remove => _events.Left -= value;
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<IClient> Clients { get; }

    /// <summary>Whether clients are asked to leave: from the begin of a drain until <see cref="Resume"/>. A client that is registered meanwhile is asked at once.</summary>
    public bool IsDraining => _drain.IsOn;

    /// <summary>The names of all groups, in no order. A group is there as long as it has a member.</summary>
    public IReadOnlyCollection<string> Groups => Registry.Groups;

    internal ClientRegistry Registry { get; }

    internal ClientCalls Calls { get; }

    internal TimeProvider Time { get; }

    internal PumpsMetrics? Metrics { get; }

    /// <inheritdoc/>
    public void Register(IClient client)
    {
        ArgumentNullException.ThrowIfNull(client);

        var userId = client.User is { } user ? _userId(user) : null;
        Registry.Register(client, string.IsNullOrEmpty(userId) ? null : userId);
        // A callback that took too long registers what has ended already; nobody will unregister it again.
        if (client.Completion.IsCompleted)
            Registry.Unregister(client);
        _drain.OnAdded(client);
    }

    /// <summary>Removes a client from the list and from all of its groups; harmless when it is not there.</summary>
    public void Unregister(IClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        Registry.Unregister(client);
    }

    /// <summary>Finds a registered client by its id, in constant time.</summary>
    public bool TryGet(string id, [NotNullWhen(true)] out IClient? client)
    {
        ArgumentNullException.ThrowIfNull(id);

        client = Registry.TryFind(id, out var entry) && entry.State is EntryState.Registered ? entry.Client : null;
        return client is not null;
    }

    /// <summary>
    /// Adds a client to a group, in constant time; the group begins with its first member. The client need not be registered yet, so a register
    /// callback can do it; it is a member at once. Its memberships end with its connection.
    /// </summary>
    /// <returns>Whether it joined: false when it is a member already, and when its connection has ended or it was unregistered.</returns>
    public bool Join(IClient client, string group)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(group);
        return Registry.Join(client, group);
    }

    /// <summary>Takes a client out of a group, in constant time; the group ends with its last member.</summary>
    /// <returns>Whether it was a member.</returns>
    public bool Leave(IClient client, string group)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(group);
        return Registry.Leave(client, group);
    }

    /// <summary>The groups of a client at this moment, in no order. A copy.</summary>
    public IReadOnlyCollection<string> GroupsOf(IClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return Registry.TryFind(client.Id, out var entry) ? entry.GroupNames() : [];
    }

    /// <summary>The members of a group; empty when there is no such group.</summary>
    public IReadOnlyCollection<IClient> InGroup(string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        return new ClientView(Registry.Groups, group);
    }

    /// <summary>The registered connections of a user; empty when the user has none.</summary>
    public IReadOnlyCollection<IClient> OfUser(string userId)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return new ClientView(Registry.Users, userId);
    }

    /// <summary>Every registered connection as it is when the enumeration comes to it. Each enumeration looks anew.</summary>
    public IEnumerable<ClientSnapshot> Snapshot()
    {
        foreach (Entry entry in Registry.Registered)
        {
            var statistics = Calls.Statistics(entry.Client);
            TimeSpan? age = statistics.ConnectedAt == default ? null : Time.GetUtcNow() - statistics.ConnectedAt;
            yield return new ClientSnapshot
            {
                Id = entry.Id,
                UserId = entry.User?.Group.Name,
                Groups = entry.GroupNames(),
                Age = age,
                Statistics = statistics,
            };
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static stopping => ((TaskCompletionSource)stopping!).SetResult(), stopping).ConfigureAwait(false))
            await stopping.Task.ConfigureAwait(false);

        await _drain.RunAsync(_drainOptions, isFinal: true, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks every client to leave, as at the end of <see cref="RunAsync"/>, while the application goes on. Completes when all are gone, or
    /// the rest was aborted at the deadline. Clients that are registered until <see cref="Resume"/> are asked to leave at once.
    /// </summary>
    /// <param name="options">How, this once; null for the manager's own options.</param>
    /// <param name="cancellationToken">Ends the waiting: no further batch is asked and nobody is aborted. The manager goes on draining until <see cref="Resume"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<DrainResult> DrainAsync(DrainOptions? options = null, CancellationToken cancellationToken = default) =>
        _drain.RunAsync(options is null ? _drainOptions : Checked(options), isFinal: false, cancellationToken);

    /// <summary>Lets clients stay again after <see cref="DrainAsync"/>. Without effect once <see cref="RunAsync"/> drains.</summary>
    public void Resume() => _drain.End();

    private static DrainOptions Checked(DrainOptions options) => string.Join(' ', options.Validate()) is { Length: > 0 } failures
        ? throw new ArgumentException(failures, nameof(options))
        : options.Clone();
}
