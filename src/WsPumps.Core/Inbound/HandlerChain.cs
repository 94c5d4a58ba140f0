using Microsoft.Extensions.Logging;

namespace WsPumps.Inbound;

/// <summary>The handlers of one client: calls them in order, and turns their exceptions into a log line and a decision.</summary>
internal sealed partial class HandlerChain(IClient client, ILogger logger, bool continueOnError, Action<Exception> onError)
{
    private readonly CancellationTokenSource _cancelled = new();

    public IReadOnlyList<MessageHandler> Handlers { get; set; } = [];

    /// <summary>Never throws.</summary>
    public async ValueTask InvokeAsync(ReceivedMessage received)
    {
        try
        {
            var message = received.AsMessage();
            for (var i = 0; i < Handlers.Count; i++)
                await Handlers[i](client, message, _cancelled.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
        {
            Log.HandlerCancelled(logger, client.Id);
        }
        catch (Exception exception)
        {
            Log.HandlerFailed(logger, client.Id, exception);
            if (!continueOnError)
                onError(exception);
        }
    }

    /// <summary>Tells the handlers that the connection is gone. Never throws; what they registered runs on the thread pool.</summary>
    public async Task CancelAsync()
    {
        try
        {
            await _cancelled.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            Log.CancellationFailed(logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Connection {ConnectionId}: a message handler failed.", EventName = "HandlerFailed")]
        public static partial void HandlerFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId}: a message handler was cancelled because the connection is gone.", EventName = "HandlerCancelled")]
        public static partial void HandlerCancelled(ILogger logger, string connectionId);

        [LoggerMessage(3, LogLevel.Error, "Connection {ConnectionId}: a callback on the handlers' cancellation token failed.", EventName = "CancellationFailed")]
        public static partial void CancellationFailed(ILogger logger, string connectionId, Exception exception);
    }
}
