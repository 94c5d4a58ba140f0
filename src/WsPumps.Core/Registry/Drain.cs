using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace WsPumps.Registry;

/// <summary>Closes every client when the server shuts down, and those that come meanwhile.</summary>
internal sealed partial class Drain(IReadOnlyCollection<IClient> clients, ClientCalls calls, TimeSpan timeout, TimeProvider time, ILogger logger)
{
    private volatile bool _begun;

    /// <summary>Completes when all clients are gone, or aborts the rest at the deadline.</summary>
    public async Task RunAsync()
    {
        _begun = true;
        Interlocked.MemoryBarrier();
        var closing = clients.Select(CloseAsync).ToList();
        try
        {
            await Task.WhenAll(closing).WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.TimedOut(logger, clients.Count, timeout);
            foreach (var client in clients)
                calls.Abort(client);
        }
    }

    /// <summary>
    /// To be told of each client after it was added. Either this sees that the drain has begun, or the drain sees the client:
    /// the one adds and then looks, the other begins and then looks, each with a barrier between.
    /// </summary>
    public void OnAdded(IClient client)
    {
        Interlocked.MemoryBarrier();
        if (_begun)
            _ = CloseAsync(client);
    }

    /// <summary>Ends when the client has; its own deadlines see to that. Never faults.</summary>
    private async Task CloseAsync(IClient client)
    {
        try
        {
            await client.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The server is shutting down.").ConfigureAwait(false);
            await client.Completion.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.CloseFailed(logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Warning, "{Clients} clients were still connected {Limit} after the drain began. They are aborted.", EventName = "DrainTimedOut")]
        public static partial void TimedOut(ILogger logger, int clients, TimeSpan limit);

        [LoggerMessage(31, LogLevel.Error, "Connection {ConnectionId}: closing it for shutdown failed.", EventName = "ShutdownCloseFailed")]
        public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);
    }
}
