using System.Security.Claims;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>
/// The default <see cref="IManager"/>: knows who is connected, and asks all to leave. To write to clients and to keep groups, make a
/// <see cref="Broadcaster"/> of it.
/// </summary>
/// <remarks>
/// All members may be called from any thread and any callback. A client is known by the reference that was registered.
/// </remarks>
public sealed class Manager : IManager
{
    private readonly Drain _drain;
    private readonly DrainOptions _drainOptions;
    private readonly Func<ClaimsPrincipal, string?> _userId;

    /// <param name="settings">How it drains and what it reports to; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option of the drain is out of its range, or contradicts another.</exception>
    public Manager(ManagerSettings? settings = null)
    {
        settings ??= new ManagerSettings();
        _drainOptions = Checked(settings.Drain ?? new DrainOptions());
        var logger = SafeLogger.Of(settings.Logger);
        Time = SafeClock.Of(settings.TimeProvider);
        Metrics = settings.Metrics;
        Logger = logger;
        Calls = new ClientCalls(logger);
        _userId = settings.UserId ?? UserIdentity.DefaultId;
        Memberships = new MembershipEvents(logger, Time);
        Registry = new ClientRegistry(Memberships);
        _drain = new Drain(Registry.Registered, Calls, Time, logger);
    }

    /// <summary>
    /// The registered clients, as a live view: enumerated without a copy and without a lock. One that comes or goes meanwhile may or may
    /// not be seen.
    /// </summary>
    public IReadOnlyCollection<IClient> Clients => Registry.Registered;

    /// <summary>
    /// Whether clients are asked to leave: from the start of a drain until <see cref="Resume"/>. A client that is registered meanwhile is
    /// asked at once.
    /// </summary>
    public bool IsDraining => _drain.IsOn;

    internal MembershipEvents Memberships { get; }

    internal ClientRegistry Registry { get; }

    internal ILogger Logger { get; }

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

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static stopping => ((TaskCompletionSource)stopping!).SetResult(), stopping)
            .ConfigureAwait(false))
        {
            await stopping.Task.ConfigureAwait(false);
        }

        await _drain.RunAsync(_drainOptions, isFinal: true, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks every client to leave, as at the end of <see cref="RunAsync"/>, while the application goes on. Completes when all are gone, or
    /// the rest was aborted at the deadline. Clients that are registered until <see cref="Resume"/> are asked to leave at once.
    /// </summary>
    /// <param name="options">How, this once; null for the manager's own options.</param>
    /// <param name="cancellationToken">
    /// Ends the waiting: no further batch is asked and nobody is aborted. The manager goes on draining until <see cref="Resume"/>.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<DrainResult> DrainAsync(DrainOptions? options = null, CancellationToken cancellationToken = default) =>
        _drain.RunAsync(options is null ? _drainOptions : Checked(options), isFinal: false, cancellationToken);

    /// <summary>
    /// Lets clients stay again after <see cref="DrainAsync"/>, or while it runs: nobody else is asked to leave then, and it completes
    /// when those are gone that were asked. Without effect once <see cref="RunAsync"/> drains.
    /// </summary>
    public void Resume() => _drain.End();

    private static DrainOptions Checked(DrainOptions options) => string.Join(' ', options.Validate()) is { Length: > 0 } failures
        ? throw new ArgumentException(failures, nameof(options))
        : options.Clone();
}
