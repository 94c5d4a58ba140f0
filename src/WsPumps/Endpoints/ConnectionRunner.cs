using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>
/// The life of one accepted connection, for any <see cref="IClient"/>: pumps and registration, in the one order that is
/// promised. Every step is bounded, whatever the client or a callback does.
/// </summary>
internal sealed partial class ConnectionRunner(
    IClient client, IManager manager, ConnectionCallbacks callbacks, WebSocketPumpsOptions options, Arrivals arrivals, TimeProvider time, ILogger logger)
{
    private readonly CancellationTokenSource _registerEnds = new();
    private readonly TaskCompletionSource _leaves = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task RunAsync(CancellationToken requestAborted)
    {
        var writing = Start(() => client.WritePumpAsync(OnPumpEnded, options.PingInterval, requestAborted));
        await using var aborted = requestAborted.UnsafeRegister(static ends => _ = ((CancellationTokenSource)ends!).CancelAsync(), _registerEnds);
        var registered = await RegisterAsync();
        // A handler that blocks its thread blocks the read pump, and must not block what ends the connection.
        var reading = StartOnPool(() => client.ReadPumpAsync(OnPumpEnded, registered ? callbacks.HandlersFor(client) : [], requestAborted));
        // A connection that could not be registered has only to end.
        if (registered)
            await Task.WhenAny(writing, reading);
        await EndAsync(Task.WhenAll(writing, reading), registered ? () => client.CloseAsync() : CloseUnregisteredAsync);

        await TryAsync("manager", RemoveFromManager);
        if (callbacks.Unregister is { } unregister)
            await TryAsync("unregister", () => unregister(client));
    }

    /// <summary>
    /// A drain has begun while no manager knows the client: closes it, cancels the token of the register callback, and completes when
    /// the client is gone, or after the time of the drain. Never faults.
    /// </summary>
    public async Task LeaveAsync(DrainOptions drain)
    {
        _leaves.TrySetResult();
        await EndedWithinAsync(
            StartOnPool(async () =>
            {
                // What is registered on the token is the user's and may throw or block; the client is asked first.
                var closing = client.CloseAsync(drain.Status, drain.NextReason());
                await _registerEnds.CancelAsync();
                await closing;
                await client.Completion;
            }),
            drain.Timeout ?? options.CallbackTimeout);
    }

    /// <summary>
    /// What the pumps call, as often as they like. Unregistering waits for the tasks of both instead, so that it happens once
    /// and after the last message.
    /// </summary>
    private static void OnPumpEnded(IClient client)
    {
    }

    private async Task<bool> RegisterAsync()
    {
        arrivals.Add(this);
        try
        {
            return await RegisteredByUserAsync() && await TryAsync("manager", AddToManager);
        }
        finally
        {
            arrivals.Remove(this);
        }
    }

    private async Task<bool> RegisteredByUserAsync()
    {
        if (callbacks.Register is not { } register)
            return true;

        var registering = TryAsync("register", () => register(client, _registerEnds.Token));
        // In a drain there is no time for a callback that does not heed its token.
        if (await Task.WhenAny(registering, _leaves.Task) == registering || await EndedWithinAsync(registering, options.CloseTimeout))
            return await registering;

        Log.RegisterCut(logger, client.Id, options.CloseTimeout);
        return false;
    }

    private Task CloseUnregisteredAsync() => client.CloseAsync(WebSocketCloseStatus.InternalServerError, "The server failed to register the connection.");

    private ValueTask AddToManager()
    {
        manager.Register(client);
        return default;
    }

    private ValueTask RemoveFromManager()
    {
        manager.Unregister(client);
        return default;
    }

    /// <summary>One pump has ended: asks the other to end, waits, insists, and gives up on a client that does neither.</summary>
    private async Task EndAsync(Task pumps, Func<Task> close)
    {
        _ = StartOnPool(close);
        // The default client keeps shorter deadlines by itself; this is for those that keep none.
        var grace = options.WriteTimeout + options.CloseTimeout + options.CloseTimeout;
        if (await EndedWithinAsync(pumps, grace))
            return;

        _ = StartOnPool(() =>
        {
            client.Abort();
            return Task.CompletedTask;
        });
        if (!await EndedWithinAsync(pumps, options.CloseTimeout))
            Log.PumpStillRunning(logger, client.Id, options.CloseTimeout);
    }

    private async Task<bool> EndedWithinAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Runs a callback within its time limit. A failure is logged and does not spread.</summary>
    private async Task<bool> TryAsync(string callback, Func<ValueTask> call)
    {
        try
        {
            await UserCall.RunAsync(call, options.CallbackTimeout, time, exception => Log.CallbackFailed(logger, client.Id, callback, exception));
            return true;
        }
        catch (Exception exception)
        {
            Log.CallbackFailed(logger, client.Id, callback, exception);
            return false;
        }
    }

    /// <summary>Where the client may block its caller.</summary>
    private Task StartOnPool(Func<Task> run) => Task.Run(() => Start(run));

    /// <summary>A task that never faults: what a client throws, at once or later, is logged here.</summary>
    private async Task Start(Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (Exception exception)
        {
            Log.ClientFailed(logger, client.Id, client.GetType(), exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "Connection {ConnectionId}: the {Callback} callback failed.", EventName = "CallbackFailed")]
        public static partial void CallbackFailed(ILogger logger, string connectionId, string callback, Exception exception);

        [LoggerMessage(101, LogLevel.Error, "Connection {ConnectionId}: {Client} threw an exception. A client reports the end of a connection by ending its pumps.", EventName = "ClientFailed")]
        public static partial void ClientFailed(ILogger logger, string connectionId, Type client, Exception exception);

        [LoggerMessage(102, LogLevel.Error, "Connection {ConnectionId}: a pump was still running {Limit} after the connection was aborted. It is no longer waited for.", EventName = "PumpStillRunning")]
        public static partial void PumpStillRunning(ILogger logger, string connectionId, TimeSpan limit);

        [LoggerMessage(103, LogLevel.Warning, "Connection {ConnectionId}: the server drains, and the register callback was still running {Limit} after its token was cancelled. It is no longer waited for.", EventName = "RegisterCut")]
        public static partial void RegisterCut(ILogger logger, string connectionId, TimeSpan limit);
    }
}
