using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Endpoints;

/// <summary>
/// Calls the user's code for one connection: callbacks, a client, a manager. What they throw is logged and does not spread; none is waited
/// for for longer than its limit.
/// </summary>
internal sealed partial class ConnectionCalls(IClient client, TimeSpan callbackTimeout, TimeProvider time, ILogger logger)
{
    /// <summary>The clock of the limits.</summary>
    public TimeProvider Time => time;

    /// <summary>Runs a callback within its time limit.</summary>
    /// <param name="callback">What it is called in the log.</param>
    /// <param name="call">The callback.</param>
    /// <param name="alsoLate">Whether it has to be called, however long that takes.</param>
    /// <returns>Whether it succeeded.</returns>
    public async Task<bool> TryAsync(string callback, Func<CancellationToken, ValueTask> call, bool alsoLate = false)
    {
        try
        {
            await UserCall.RunAsync(call, callbackTimeout, time, exception => CallbackFailed(callback, exception), alsoLate: alsoLate);
            return true;
        }
        catch (Exception exception)
        {
            CallbackFailed(callback, exception);
            return false;
        }
    }

    /// <summary>Where the client may block its caller.</summary>
    public Task Run(Func<Task> run) => CountedWork.Run(time, run);

    /// <summary>Where the client may block its caller. Never faults.</summary>
    public Task StartOnPool(Func<Task> run) => CountedWork.Run(time, async () =>
    {
        try
        {
            await run();
        }
        catch (Exception exception)
        {
            ClientFailed(exception);
        }
    });

    /// <returns>Whether the task has ended, in whatever way.</returns>
    public async Task<bool> EndedWithinAsync(Task task, TimeSpan limit)
    {
        await task.WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!task.IsCompleted)
            return false;

        foreach (var exception in task.Exception?.InnerExceptions ?? [])
            ClientFailed(exception);
        if (task.IsCanceled)
            ClientFailed(new TaskCanceledException(task));
        return true;
    }

    public void CallbackFailed(string callback, Exception exception) => Log.CallbackFailed(logger, client.Id, callback, exception);

    public void ClientFailed(Exception exception) => Log.ClientFailed(logger, client.Id, client.GetType(), exception);

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "Connection {ConnectionId}: the {Callback} callback failed.", EventName = "CallbackFailed")]
        public static partial void CallbackFailed(ILogger logger, string connectionId, string callback, Exception exception);

        [LoggerMessage(101, LogLevel.Error,
            "Connection {ConnectionId}: {Client} threw an exception. A client reports the end of a connection by ending its pumps.",
            EventName = "ClientFailed")]
        public static partial void ClientFailed(ILogger logger, string connectionId, Type client, Exception exception);
    }
}
