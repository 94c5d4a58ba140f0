using Microsoft.Extensions.Logging;

namespace WsPumps.Hosting;

/// <summary>Every manager that an endpoint uses: runs those of the user's own from the start of the host to its stop, and drains all.</summary>
internal sealed partial class ManagerRuns(DrainOptions drainOptions, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IManager, ManagerRun> _runs = [];
    private readonly CancellationTokenSource _stopping = new();
    private bool _started;

    /// <summary>Whether the host is stopping: no new connection is accepted.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <summary>The managers, in no order. A copy.</summary>
    public IReadOnlyCollection<IManager> All
    {
        get
        {
            lock (_lock)
                return [.. _runs.Keys];
        }
    }

    /// <summary>To be told of each use of a manager.</summary>
    public void Add(IManager manager)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(manager, out var run))
            {
                _runs.Add(manager, run = new ManagerRun());
                if (IsStopping || (_started && NeedsToRun(manager)))
                    run.Ended = Run(manager);
            }

            run.Uses++;
        }
    }

    /// <summary>A use has ended. A manager of this library is forgotten with its last one; one of the user's own runs on.</summary>
    public void Remove(IManager manager)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(manager, out var run) && --run.Uses == 0 && !NeedsToRun(manager))
                _runs.Remove(manager);
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            _started = true;
            foreach (var (manager, run) in _runs)
                run.Ended = NeedsToRun(manager) ? Run(manager) : run.Ended;
        }
    }

    /// <summary>Lets the managers drain. Completes when all have, or when the token fires.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task[] runs;
        lock (_lock)
        {
            foreach (var (manager, run) in _runs)
                run.Ended = NeedsToRun(manager) ? run.Ended : Run(manager);
            runs = [.. _runs.Values.Select(run => run.Ended)];
        }

        try
        {
            await Task.WhenAll(runs).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Log.DrainCut(logger);
        }
    }

    /// <summary>Drains all managers, and lets them run on.</summary>
    /// <param name="options">How; null for each manager's own way.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<DrainResult> DrainAsync(DrainOptions? options, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(All.Select(manager => Task.Run(() => DrainAsync(manager, options, cancellationToken), CancellationToken.None)));
        return new DrainResult
        {
            Clients = results.Sum(result => result.Clients),
            Left = results.Sum(result => result.Left),
            Aborted = results.Sum(result => result.Aborted),
            Duration = results.Max(result => result.Duration),
        };
    }

    public void Resume()
    {
        foreach (var manager in All)
            (manager as Manager)?.Resume();
    }

    /// <summary>Of this library's, <see cref="IManager.RunAsync"/> only waits for the stop: it is called then, and no task holds them until then.</summary>
    private static bool NeedsToRun(IManager manager) => manager.GetType().Assembly != typeof(Manager).Assembly;

    private async Task<DrainResult> DrainAsync(IManager manager, DrainOptions? options, CancellationToken cancellationToken)
    {
        if (manager is Manager ours)
            return await ours.DrainAsync(options, cancellationToken);

        // One of the user's own can only be run and stopped. Another, of ours, drains its clients.
        var stand = new Manager(new ManagerSettings
        {
            Drain = options ?? drainOptions,
            TimeProvider = time,
            Logger = logger,
            UserId = _ => null,
        });
        foreach (var client in manager.Clients)
            stand.Register(client);
        return await stand.DrainAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Starts on the thread pool: a manager is the user's code, and a lock is held here.</summary>
    private Task Run(IManager manager) => Task.Run(async () =>
    {
        try
        {
            await manager.RunAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (IsStopping)
        {
            Log.Stopped(logger, manager.GetType());
        }
        catch (Exception exception)
        {
            Log.RunFailed(logger, manager.GetType(), exception);
        }
    });

    private sealed class ManagerRun
    {
        public int Uses { get; set; }

        public Task Ended { get; set; } = Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Error, "{Manager}.RunAsync failed. Its clients are not drained when the host stops.", EventName = "ManagerFailed")]
        public static partial void RunFailed(ILogger logger, Type manager, Exception exception);

        [LoggerMessage(111, LogLevel.Warning, "The host's time to stop was over before all clients were gone. The server cuts them off.", EventName = "DrainCut")]
        public static partial void DrainCut(ILogger logger);

        [LoggerMessage(112, LogLevel.Debug, "{Manager}.RunAsync ended with the host.", EventName = "ManagerStopped")]
        public static partial void Stopped(ILogger logger, Type manager);
    }
}
