using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Hosting;

/// <summary>The managers of the application's own: each runs from the start of the host to its stop, whatever endpoints use it.</summary>
internal sealed partial class CustomManagers(TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IManager, Task> _runs = [];
    private readonly CancellationTokenSource _stopping = new();
    private bool _started;

    /// <summary>To be told of each use. A manager that is known already runs on.</summary>
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

    /// <summary>Completes when all have ended. Never faults.</summary>
    public async Task StopAsync()
    {
        try
        {
            await CountedWork.Await(time, CountedWork.CancelAsync(time, _stopping));
        }
        catch (AggregateException exception)
        {
            Log.StopFailed(logger, exception);
        }

        Task[] runs;
        lock (_lock)
            runs = [.. _runs.Values];
        await Task.WhenAll(runs);
    }

    /// <summary>Starts on the thread pool: a manager is the user's code, and a lock is held here.</summary>
    private Task Run(IManager manager) => CountedWork.Run(time, async () =>
    {
        try
        {
            await manager.RunAsync(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
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
        [LoggerMessage(114, LogLevel.Error,
            "What a manager of the application's own has registered on the token of its run failed.", EventName = "ManagerStopFailed")]
        public static partial void StopFailed(ILogger logger, Exception exception);

        [LoggerMessage(110, LogLevel.Error,
            "{Manager}.RunAsync failed. Its clients are drained all the same.", EventName = "ManagerFailed")]
        public static partial void RunFailed(ILogger logger, Type manager, Exception exception);

        [LoggerMessage(112, LogLevel.Debug, "{Manager}.RunAsync ended with the host.", EventName = "ManagerStopped")]
        public static partial void Stopped(ILogger logger, Type manager);
    }
}
