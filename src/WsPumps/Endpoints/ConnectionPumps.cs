using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>Starts the two pumps of one connection, and brings them to an end.</summary>
internal sealed partial class ConnectionPumps(IClient client, ClientOptions options, ConnectionCalls calls, ILogger logger)
{
    private Task _writing = Task.CompletedTask;
    private Task _reading = Task.CompletedTask;

    public void StartWriting(CancellationToken requestAborted) =>
        _writing = Start(() => client.WritePumpAsync(OnPumpEnded, options.PingInterval, requestAborted));

    /// <summary>
    /// On the pool: a handler that blocks its thread may block the read pump, and must not block what ends the connection.
    /// </summary>
    public void StartReading(IReadOnlyList<MessageHandler> handlers, CancellationToken requestAborted) =>
        _reading = calls.Run(() => Start(() => client.ReadPumpAsync(OnPumpEnded, handlers, requestAborted)));

    /// <summary>Completes when one of the pumps has ended.</summary>
    public Task WhenOneEndedAsync() => Task.WhenAny(_writing, _reading);

    /// <summary>Asks the pumps to end, waits, insists, and gives up on a client that does neither.</summary>
    public async Task EndAsync(Func<Task> close)
    {
        _ = calls.StartOnPool(close);
        // The default client keeps shorter deadlines by itself; this is for those that keep none.
        var grace = options.WriteTimeout + options.CloseTimeout + options.CloseTimeout;
        var pumps = Task.WhenAll(_writing, _reading);
        if (await calls.EndedWithinAsync(pumps, grace))
            return;

        _ = calls.StartOnPool(() =>
        {
            client.Abort();
            return Task.CompletedTask;
        });
        if (!await calls.EndedWithinAsync(pumps, options.CloseTimeout))
            Log.PumpStillRunning(logger, client.Id, options.CloseTimeout);
    }

    private static Task Start(Func<Task> start)
    {
        try
        {
            return start();
        }
        catch (Exception exception)
        {
            return Task.FromException(exception);
        }
    }

    /// <summary>
    /// What the pumps call, as often as they like. Unregistering waits for the tasks of both instead, so that it happens once
    /// and after the last message.
    /// </summary>
    private static void OnPumpEnded(IClient client)
    {
    }

    private static partial class Log
    {
        [LoggerMessage(102, LogLevel.Error,
            "Connection {ConnectionId}: a pump was still running {Limit} after the connection was aborted. It is no longer waited for.",
            EventName = "PumpStillRunning")]
        public static partial void PumpStillRunning(ILogger logger, string connectionId, TimeSpan limit);
    }
}
