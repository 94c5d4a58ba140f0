using WsPumps.Diagnostics;

namespace WsPumps.Endpoints;

/// <content>How the two pumps run, and how they are brought to an end.</content>
internal sealed partial class ConnectionRunner
{
    /// <summary>Whether the client is one whose pumps report their own failures, and call no handler on the thread that starts them.</summary>
    private bool IsOurs => client is Client;

    private Task WriteAsync(CancellationToken requestAborted) =>
        Start(() => client.WritePumpAsync(OnPumpEnded, options.PingInterval, requestAborted));

    private Task ReadAsync(IReadOnlyList<MessageHandler> handlers, CancellationToken requestAborted)
    {
        // A handler that blocks its thread blocks the read pump, and must not block what ends the connection.
        return IsOurs ? Start(Read) : CountedWork.Run(time, () => Start(Read));

        Task Read() => client.ReadPumpAsync(OnPumpEnded, handlers, requestAborted);
    }

    /// <returns>The pump. One of ours needs no watch over it, and for each connection that is two tasks less.</returns>
    private Task Start(Func<Task> start)
    {
        try
        {
            var pump = start();
            return IsOurs ? pump : WatchAsync(pump);
        }
        catch (Exception exception)
        {
            Log.ClientFailed(logger, client.Id, client.GetType(), exception);
            return Task.CompletedTask;
        }
    }

    private async Task WatchAsync(Task pump)
    {
        try
        {
            await pump;
        }
        catch (Exception exception)
        {
            Log.ClientFailed(logger, client.Id, client.GetType(), exception);
        }
    }

    /// <summary>
    /// What the pumps call, as often as they like. Unregistering waits for the tasks of both instead, so that it happens once
    /// and after the last message.
    /// </summary>
    private static void OnPumpEnded(IClient client)
    {
    }

    /// <summary>One pump has ended: asks the other to end, waits, insists, and gives up on a client that does neither.</summary>
    private async Task EndAsync(Task writing, Task reading, Func<Task> close)
    {
        _ = StartOnPool(close);
        // The default client keeps shorter deadlines by itself; this is for those that keep none.
        var grace = options.WriteTimeout + options.CloseTimeout + options.CloseTimeout;
        var pumps = Task.WhenAll(writing, reading);
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
}
