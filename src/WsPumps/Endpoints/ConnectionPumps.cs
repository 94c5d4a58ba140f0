using Microsoft.Extensions.Logging;

namespace WsPumps.Endpoints;

/// <summary>Starts the two pumps of one connection, and brings them to an end.</summary>
internal sealed partial class ConnectionPumps(ConnectedClient connected, ConnectionCalls calls, ILogger logger)
{
    private readonly IClient _client = connected.Client;
    private readonly ClientOptions _options = connected.Options;
    private Task _writing = Task.CompletedTask;
    private Task _reading = Task.CompletedTask;

    public void StartWriting(CancellationToken requestAborted) =>
        _writing = Start(() => _client.WritePumpAsync(OnPumpEnded, _options.PingInterval, requestAborted));

    /// <summary>
    /// On the pool: a handler that blocks its thread may block the read pump, and must not block what ends the connection. The default
    /// client goes there by itself.
    /// </summary>
    public void StartReading(IReadOnlyList<MessageHandler> handlers, CancellationToken requestAborted) =>
        _reading = connected.IsPlain ? Read(handlers, requestAborted) : calls.Run(() => Read(handlers, requestAborted));

    /// <summary>Completes when one of the pumps has ended.</summary>
    public Task WhenOneEndedAsync() => Task.WhenAny(_writing, _reading);

    /// <summary>Asks the pumps to end, waits, insists, and gives up on a client that does neither.</summary>
    public async Task EndAsync(Func<Task> close)
    {
        if (!connected.IsEnding)
            _ = calls.StartOnPool(close);
        // The default client keeps shorter deadlines by itself; this is for those that keep none.
        var grace = _options.WriteTimeout + _options.CloseTimeout + _options.CloseTimeout;
        var pumps = Task.WhenAll(_writing, _reading);
        if (await calls.EndedWithinAsync(pumps, grace))
            return;

        _ = calls.StartOnPool(() =>
        {
            _client.Abort();
            return Task.CompletedTask;
        });
        if (!await calls.EndedWithinAsync(pumps, _options.CloseTimeout))
            Log.PumpStillRunning(logger, _client.Id, _options.CloseTimeout);
    }

    private Task Read(IReadOnlyList<MessageHandler> handlers, CancellationToken requestAborted) =>
        Start(() => _client.ReadPumpAsync(OnPumpEnded, handlers, requestAborted));

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
