using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>
/// The life of one accepted connection, for any <see cref="IClient"/>: pumps and registration, in the one order that is
/// promised. Every step is bounded, whatever the client or a callback does.
/// </summary>
internal sealed partial class ConnectionRunner(IClient client, IManager manager, ConnectionCallbacks callbacks, WebSocketPumpsOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>How the connection ended; null while the client has not said it.</summary>
    public DisconnectRecord? Ended => client.Completion is { IsCompletedSuccessfully: true } completion ? completion.Result : null;

    public async Task RunAsync(CancellationToken requestAborted)
    {
        var writing = Start(() => client.WritePumpAsync(OnPumpEnded, options.PingInterval, requestAborted));
        var registered = await TryAsync("register", () => callbacks.Register?.Invoke(client, requestAborted) ?? default) && await TryAsync("manager", AddToManager);
        if (!registered)
            _ = Start(() => client.CloseAsync(WebSocketCloseStatus.InternalServerError, "The server failed to register the connection."));

        var reading = Start(() => client.ReadPumpAsync(OnPumpEnded, registered ? callbacks.HandlersFor(client) : [], requestAborted));
        // A connection that could not be registered has only to end.
        if (registered)
            await Task.WhenAny(writing, reading);
        await EndAsync(Task.WhenAll(writing, reading));

        await TryAsync("manager", RemoveFromManager);
        await TryAsync("unregister", () => callbacks.Unregister?.Invoke(client) ?? default);
    }

    /// <summary>
    /// What the pumps call, as often as they like. Unregistering waits for the tasks of both instead, so that it happens once
    /// and after the last message.
    /// </summary>
    private static void OnPumpEnded(IClient client)
    {
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

    /// <summary>One pump has ended: asks the other to end, waits, insists, and gives up on a client that does neither.</summary>
    private async Task EndAsync(Task pumps)
    {
        _ = Start(() => client.CloseAsync());
        // The default client keeps shorter deadlines by itself; this is for those that keep none.
        var grace = options.WriteTimeout + options.CloseTimeout + options.CloseTimeout;
        if (await EndedWithinAsync(pumps, grace))
            return;

        await Start(() =>
        {
            client.Abort();
            return Task.CompletedTask;
        });
        if (!await EndedWithinAsync(pumps, options.CloseTimeout))
            Log.PumpStillRunning(logger, client.Id, options.CloseTimeout);
    }

    private async Task<bool> EndedWithinAsync(Task pumps, TimeSpan limit)
    {
        try
        {
            await pumps.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Runs a callback within its time limit. A failure is logged and does not spread.</summary>
    private async ValueTask<bool> TryAsync(string callback, Func<ValueTask> call)
    {
        try
        {
            await call().AsTask().WaitAsync(options.CallbackTimeout, time);
            return true;
        }
        catch (Exception exception)
        {
            Log.CallbackFailed(logger, client.Id, callback, exception);
            return false;
        }
    }

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
    }
}
