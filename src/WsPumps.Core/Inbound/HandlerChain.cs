using System.Diagnostics;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;

namespace WsPumps.Inbound;

/// <summary>The handlers of one client: calls them in order, and turns their exceptions into a log line and a decision.</summary>
internal sealed partial class HandlerChain(IClient client, ILogger logger, ClientOptions options, TimeProvider time,
    Action<Exception> onError, PumpsMetrics? metrics = null)
{
    /// <summary>What a handler needs at most to end once its token is cancelled, if it heeds it.</summary>
    private static readonly TimeSpan ToHeed = TimeSpan.FromSeconds(1);

    private readonly bool _continueOnError = options.ContinueOnHandlerError;
    private readonly TimeSpan _endTimeout = options.CloseTimeout;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly IWorkCounter? _work = time as IWorkCounter;
    private readonly Activity? _request = Activity.Current;

    public IReadOnlyList<MessageHandler> Handlers { get; set; } = [];

    /// <summary>Called for each message that is received as a stream; null where none is.</summary>
    public MessageStreamHandler? StreamHandler { get; init; }

    /// <summary>Never throws.</summary>
    public ValueTask InvokeAsync(ReceivedMessage received)
    {
        if (received.Stream is not null)
            return InvokeAsync(received.Stream);

        return HandlerWatch.IsWanted(metrics) ? WatchAsync(received.AsMessage()) : InvokeHandlersAsync(received.AsMessage());
    }

    /// <summary>Most handlers complete at once: only the others cost a state machine.</summary>
    private ValueTask InvokeHandlersAsync(in Message message)
    {
        // As an async method does: what a handler sets for its own flow is not there for the next message.
        var flow = ExecutionContext.Capture();
        try
        {
            for (var i = 0; i < Handlers.Count; i++)
            {
                var call = CallAsync(Handlers[i], message);
                if (!call.IsCompleted)
                    return AwaitAsync(call, message, next: i + 1);

                call.GetAwaiter().GetResult();
            }
        }
        catch (Exception exception)
        {
            EndFailed(default, exception);
        }
        finally
        {
            if (flow is not null && ExecutionContext.Capture() != flow)
                ExecutionContext.Restore(flow);
        }

        return default;
    }

    private async ValueTask AwaitAsync(ValueTask call, Message message, int next)
    {
        try
        {
            await call.ConfigureAwait(false);
            for (var i = next; i < Handlers.Count; i++)
                await CallAsync(Handlers[i], message).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            EndFailed(default, exception);
        }
    }

    private async ValueTask WatchAsync(Message message)
    {
        var watch = HandlerWatch.Begin(message, client, _request, metrics, time, logger);
        try
        {
            for (var i = 0; i < Handlers.Count; i++)
                await CallAsync(Handlers[i], message).ConfigureAwait(false);
            watch.End("success");
        }
        catch (Exception exception)
        {
            EndFailed(watch, exception);
        }
    }

    private void EndFailed(in HandlerWatch watch, Exception exception, bool isCancelled = false)
    {
        if (isCancelled || IsEndOfConnection(exception))
        {
            watch.End("cancelled");
            Log.HandlerCancelled(logger, client.Id);
            return;
        }

        watch.End("error", exception);
        Log.HandlerFailed(logger, client.Id, exception);
        if (!_continueOnError)
            onError(exception);
    }

    /// <summary>What a handler is told that streams to a peer which goes away is no failure of it either.</summary>
    private bool IsEndOfConnection(Exception exception) => exception is ConnectionEndedException
        || (exception is OperationCanceledException && _cancelled.IsCancellationRequested);

    private ValueTask CallAsync(MessageHandler handler, Message message) =>
        _work is null ? handler(client, message, _cancelled.Token) : CallAsync(_work, handler, message);

    /// <summary>Apart, because a closure is made where its method begins.</summary>
    private ValueTask CallAsync(IWorkCounter work, MessageHandler handler, Message message) =>
        work.RunAsync(() => handler(client, message, _cancelled.Token));

    /// <summary>Never throws.</summary>
    private async ValueTask InvokeAsync(IncomingStream stream)
    {
        _work?.Begin();
        // It may block its thread until more has come, and the pump is what brings it.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _work?.End();
        var watch = HandlerWatch.Begin(new Message(stream.Message.Type, default), client, _request, metrics, time, logger);
        try
        {
            await CallAsync(stream.Message).ConfigureAwait(false);
            watch.End("success");
        }
        catch (Exception exception)
        {
            EndFailed(watch, exception, isCancelled: stream.IsBroken);
        }
    }

    private ValueTask CallAsync(IncomingMessage message) => _work is null
        ? StreamHandler!(client, message, _cancelled.Token)
        : _work.RunAsync(() => StreamHandler!(client, message, _cancelled.Token));

    /// <summary>Waits for the running handler, but not indefinitely: a connection that has ended must get to its end.</summary>
    public async Task EndedAsync(Dispatcher dispatcher)
    {
        if (await IsIdleAsync(dispatcher, _endTimeout).ConfigureAwait(false))
            return;

        dispatcher.Stop();
        if (!_cancelled.IsCancellationRequested)
        {
            await CancelAsync().ConfigureAwait(false);
            if (await IsIdleAsync(dispatcher, ToHeed < _endTimeout ? ToHeed : _endTimeout).ConfigureAwait(false))
                return;
        }

        Log.HandlerStillRunning(logger, client.Id, _endTimeout);
    }

    /// <returns>False when the time is over first.</returns>
    private async Task<bool> IsIdleAsync(Dispatcher dispatcher, TimeSpan limit)
    {
        try
        {
            await CountedWork.Await(time, dispatcher.WhenIdleAsync().WaitAsync(limit, time));
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>
    /// Tells the handlers that the connection is gone. Never throws. What they registered on the token runs on the thread pool, and is not
    /// awaited indefinitely either.
    /// </summary>
    public async Task CancelAsync()
    {
        try
        {
            await CountedWork.Await(time, CountedWork.CancelAsync(time, _cancelled).WaitAsync(_endTimeout, time));
        }
        catch (Exception exception) when (exception is AggregateException or TimeoutException)
        {
            Log.CancellationFailed(logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Connection {ConnectionId}: a message handler failed.", EventName = "HandlerFailed")]
        public static partial void HandlerFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId}: a message handler was cancelled because the connection is gone.",
            EventName = "HandlerCancelled")]
        public static partial void HandlerCancelled(ILogger logger, string connectionId);

        [LoggerMessage(3, LogLevel.Error, "Connection {ConnectionId}: a callback on the handlers' cancellation token failed, or did not " +
            "return in time.", EventName = "CancellationFailed")]
        public static partial void CancellationFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(11, LogLevel.Warning, "Connection {ConnectionId} has ended, but more than {Limit} later a message handler is " +
            "still running, although its token is cancelled. It is no longer waited for.",
            EventName = "HandlerStillRunning")]
        public static partial void HandlerStillRunning(ILogger logger, string connectionId, TimeSpan limit);
    }
}
