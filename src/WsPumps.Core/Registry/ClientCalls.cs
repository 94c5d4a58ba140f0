using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace WsPumps.Registry;

/// <summary>
/// Calls to one client among many, and to a user's code about it. What one of them throws against its contract is logged, and
/// the others do not notice. Safe for concurrent use.
/// </summary>
internal sealed partial class ClientCalls(ILogger logger)
{
    public WriteResult Write(IClient client, PreparedMessage message)
    {
        try
        {
            return client.Write(message);
        }
        catch (Exception exception)
        {
            Log.WriteFailed(logger, client.Id, exception);
            return WriteResult.Dropped;
        }
    }

    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WriteResult> WriteAsync(IClient client, PreparedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await client.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ArgumentException)
        {
            return WriteResult.TooLarge;
        }
        catch (Exception exception)
        {
            Log.WriteFailed(logger, client.Id, exception);
            return WriteResult.Dropped;
        }
    }

    /// <returns>False when the connection had ended already, or could not be closed.</returns>
    public bool Close(IClient client, WebSocketCloseStatus status, string? reason, CloseMode mode) =>
        Close(client, client => client.CloseAsync(status, reason, mode));

    /// <inheritdoc cref="Close(IClient, WebSocketCloseStatus, string?, CloseMode)"/>
    public bool CloseAsReplaced(IClient client) => Close(client, static client => client.CloseAsReplacedAsync());

    /// <returns>False when the connection had ended already, or could not be aborted.</returns>
    public bool Abort(IClient client)
    {
        if (client.Completion.IsCompleted)
            return false;

        try
        {
            client.Abort();
            return true;
        }
        catch (Exception exception)
        {
            Log.EndFailed(logger, client.Id, exception);
            return false;
        }
    }

    /// <returns>Null when the predicate threw.</returns>
    public bool? Matches(IClient client, Func<IClient, bool> predicate, bool isFirstFailure)
    {
        try
        {
            return predicate(client);
        }
        catch (Exception exception)
        {
            // Once for a whole audience: it is likely to throw for each of ten thousand clients.
            if (isFirstFailure)
                Log.PredicateFailed(logger, client.Id, exception);
            return null;
        }
    }

    public ClientStatistics Statistics(IClient client)
    {
        try
        {
            return client.Statistics;
        }
        catch (Exception exception)
        {
            Log.StatisticsFailed(logger, client.Id, exception);
            return default;
        }
    }

    private bool Close(IClient client, Func<IClient, Task> close)
    {
        if (client.Completion.IsCompleted)
            return false;

        var closing = CloseAsync(client, close);
        return !closing.IsCompleted || closing.Result;
    }

    private async Task<bool> CloseAsync(IClient client, Func<IClient, Task> close)
    {
        try
        {
            await close(client).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            Log.EndFailed(logger, client.Id, exception);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "Connection {ConnectionId}: Write threw during a broadcast. It must return a result instead.",
            EventName = "BroadcastWriteFailed")]
        public static partial void WriteFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(21, LogLevel.Error, "Connection {ConnectionId}: closing or aborting it together with others failed.",
            EventName = "AudienceEndFailed")]
        public static partial void EndFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(22, LogLevel.Error, "The predicate of an audience threw for connection {ConnectionId}. That client, and any other " +
            "it throws for, is left out.", EventName = "AudiencePredicateFailed")]
        public static partial void PredicateFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(33, LogLevel.Error, "Connection {ConnectionId}: its statistics could not be read.", EventName = "StatisticsFailed")]
        public static partial void StatisticsFailed(ILogger logger, string connectionId, Exception exception);
    }
}
