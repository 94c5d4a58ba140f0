using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace WsPumps.Diagnostics;

/// <summary>
/// Watches the handling of one message, for whoever listens to the activity source or to the duration of handlers. Where nobody
/// does, it is empty and costs two looks. Listeners are the user's code: what they throw does not reach the handlers.
/// </summary>
internal readonly partial struct HandlerWatch
{
    private static bool _hasFailed;

    private static readonly ActivitySource Source = new(PumpsMetrics.MeterName);

    private readonly Activity? _activity;
    private readonly PumpsMetrics? _metrics;
    private readonly TimeProvider? _time;
    private readonly ILogger? _logger;
    private readonly long _startedAt;

    private HandlerWatch(Activity? activity, PumpsMetrics? metrics, TimeProvider time, ILogger logger) =>
        (_activity, _metrics, _time, _logger, _startedAt) = (activity, metrics, time, logger, time.GetTimestamp());

    public static bool IsWanted(PumpsMetrics? metrics) => metrics is { WantsHandlers: true } || Source.HasListeners();

    /// <param name="message">The message.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="request">The activity of the upgrade request. It is as long as the connection, so the message is linked to it and no
    /// child of it.</param>
    /// <param name="metrics">Where the duration goes; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told when a listener to the activity source throws.</param>
    public static HandlerWatch Begin(in Message message, IClient client, Activity? request, PumpsMetrics? metrics, TimeProvider time,
        ILogger logger)
    {
        if (metrics is { WantsHandlers: false })
            metrics = null;
        var activity = Source.HasListeners() ? Start(message, client, request, logger) : null;
        return activity is null && metrics is null ? default : new HandlerWatch(activity, metrics, time, logger);
    }

    public void End(string outcome, Exception? exception = null)
    {
        if (_time is null)
            return;

        _metrics?.Handled(_time.GetElapsedTime(_startedAt), outcome, exception);
        if (_activity is not null)
            Stop(_activity, exception);
    }

    private static Activity? Start(in Message message, IClient client, Activity? request, ILogger logger)
    {
        try
        {
            return Start(message, client, request);
        }
        catch (Exception exception)
        {
            Failed(logger, exception);
            return null;
        }
    }

    private void Stop(Activity activity, Exception? exception)
    {
        try
        {
            if (exception is not null)
            {
                activity.SetTag("error.type", exception.GetType().FullName);
                activity.SetStatus(ActivityStatusCode.Error, exception.Message);
            }

            activity.Dispose();
        }
        catch (Exception failure)
        {
            Failed(_logger!, failure);
        }
    }

    /// <summary>One that throws once does so each time: a line for each message would bury the log.</summary>
    private static void Failed(ILogger logger, Exception exception)
    {
        if (!Interlocked.Exchange(ref _hasFailed, true))
            Log.ListenerFailed(logger, exception);
    }

    private static Activity? Start(in Message message, IClient client, Activity? request)
    {
        // Without this the current activity, which is the request's, would become the parent.
        Activity.Current = null;
        var activity = Source.StartActivity("wspumps.message", ActivityKind.Server, parentContext: default, links: request is null
            ? null : [new ActivityLink(request.Context)]);
        if (activity is not { IsAllDataRequested: true })
            return activity;

        activity.SetTag("wspumps.connection.id", client.Id);
        activity.SetTag("wspumps.message.type", message.Type is WebSocketMessageType.Text ? "text" : "binary");
        activity.SetTag("wspumps.message.size", message.Payload.Length);
        return activity;
    }

    private static partial class Log
    {
        [LoggerMessage(17, LogLevel.Error, "A listener to the activity source failed. Later failures are not told.",
            EventName = "ActivityListenerFailed")]
        public static partial void ListenerFailed(ILogger logger, Exception exception);
    }
}
