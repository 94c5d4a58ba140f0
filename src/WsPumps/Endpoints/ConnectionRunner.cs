using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>
/// The life of one accepted connection, for any <see cref="IClient"/>: pumps and registration, in the one order that is
/// promised. Every step is bounded, whatever the client or a callback does.
/// </summary>
internal sealed partial class ConnectionRunner(
    IClient client, IManager manager, ConnectionCallbacks callbacks, WebSocketPumpsOptions options, Arrivals arrivals, TimeProvider time, ILogger logger)
{
    /// <summary>Null where nobody is told: without a register callback.</summary>
    private volatile Registration? _registration;

    public IClient Client => client;

    /// <summary>What ends a client that does not do so by itself when its authentication expires; null for none.</summary>
    public ForeignAuthentication? Authentication { get; init; }

    public async Task RunAsync(CancellationToken requestAborted)
    {
        var writing = WriteAsync(requestAborted);
        var registered = await RegisterAsync(requestAborted);
        var reading = ReadAsync(registered ? callbacks.HandlersFor(client) : [], requestAborted);
        // A connection that could not be registered has only to end.
        if (registered)
            await Task.WhenAny(writing, reading);
        await EndAsync(writing, reading, registered ? () => client.CloseAsync() : CloseUnregisteredAsync);

        if (_registration is { } registration)
            await EndedWithinAsync(registration.EndAsync(), options.CloseTimeout);
        if (Authentication is not null)
            await Authentication.DisposeAsync();
        await RemoveFromManagerAsync();
        if (callbacks.Unregister is { } unregister)
            await TryAsync("unregister", () => unregister(client));
    }

    /// <summary>
    /// A drain has begun while no manager knows the client: closes it, cancels the token of the register callback, and completes when
    /// the client is gone, or after the time of the drain. Never faults.
    /// </summary>
    public async Task LeaveAsync(DrainOptions drain)
    {
        var registration = _registration;
        registration?.Leaves.TrySetResult();
        await EndedWithinAsync(
            StartOnPool(async () =>
            {
                // What is registered on the token is the user's and may throw or block; the client is asked first.
                var closing = client.CloseAsync(drain.Status, drain.NextReason());
                await (registration?.EndAsync() ?? Task.CompletedTask);
                await closing;
                await client.Completion;
            }),
            drain.Timeout ?? options.CallbackTimeout);
    }

    private async Task<bool> RegisterAsync(CancellationToken requestAborted)
    {
        if (callbacks.Register is not null)
            _registration = new Registration(exception => Log.CallbackFailed(logger, client.Id, "register", exception), requestAborted);
        arrivals.Add(this);
        try
        {
            return await RegisteredByUserAsync() && await AddToManagerAsync();
        }
        finally
        {
            arrivals.Remove(this);
        }
    }

    private async ValueTask<bool> RegisteredByUserAsync()
    {
        if (_registration is not { } registration)
            return true;

        var registering = TryAsync("register", () => callbacks.Register!(client, registration.Token));
        // In a drain there is no time for a callback that does not heed its token.
        if (await Task.WhenAny(registering, registration.Leaves.Task) == registering || await EndedWithinAsync(registering, options.CloseTimeout))
            return await registering;

        Log.RegisterCut(logger, client.Id, options.CloseTimeout);
        return false;
    }

    private Task CloseUnregisteredAsync() => client.CloseAsync(WebSocketCloseStatus.InternalServerError, "The server failed to register the connection.");

    /// <summary>Whether no code of the user's own is called for the client to be registered: neither it nor the manager, nor what says who a user is.</summary>
    private bool IsAllOurs => manager is Manager && client is Client { User: null };

    private ValueTask<bool> AddToManagerAsync()
    {
        if (!IsAllOurs)
            return new ValueTask<bool>(TryAsync("manager", AddToManager));

        try
        {
            manager.Register(client);
            return new ValueTask<bool>(true);
        }
        catch (Exception exception)
        {
            // Two clients with one id, for example.
            Log.CallbackFailed(logger, client.Id, "manager", exception);
            return new ValueTask<bool>(false);
        }
    }

    private async ValueTask RemoveFromManagerAsync()
    {
        if (IsAllOurs)
            manager.Unregister(client);
        else
            await TryAsync("manager", RemoveFromManager);
    }

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
        catch (Exception exception) when (task.IsFaulted)
        {
            // Also one of ours may, where the logger throws that it tells of its end.
            Log.ClientFailed(logger, client.Id, client.GetType(), exception);
            return true;
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

    /// <summary>Where the client may block its caller. Never faults: what it throws is logged here.</summary>
    private Task StartOnPool(Func<Task> run) => CountedWork.Run(time, async () =>
    {
        try
        {
            await run();
        }
        catch (Exception exception)
        {
            Log.ClientFailed(logger, client.Id, client.GetType(), exception);
        }
    });

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
