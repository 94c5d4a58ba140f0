using Microsoft.Extensions.Logging;

namespace WsPumps.Hosting;

/// <summary>Runs every manager that an endpoint uses, from the start of the host to its stop.</summary>
internal sealed partial class ManagerRuns(ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IManager, Task> _runs = [];
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

    public void Add(IManager manager)
    {
        lock (_lock)
        {
            if (!_runs.ContainsKey(manager))
                _runs.Add(manager, _started ? Run(manager) : Task.CompletedTask);
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            _started = true;
            foreach (var manager in _runs.Keys.ToArray())
                _runs[manager] = Run(manager);
        }
    }

    /// <summary>Lets the managers drain. Completes when all have, or when the token fires.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task[] runs;
        lock (_lock)
            runs = [.. _runs.Values];

        try
        {
            await Task.WhenAll(runs).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Log.DrainCut(logger);
        }
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
