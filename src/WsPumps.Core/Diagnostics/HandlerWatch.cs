using System.Diagnostics;
using System.Net.WebSockets;

namespace WsPumps.Diagnostics;

/// <summary>
/// Watches the handling of one message, for whoever listens to the activity source or to the duration of handlers. Where nobody
/// does, it is empty and costs two looks.
/// </summary>
internal readonly struct HandlerWatch
{
    private static readonly ActivitySource Source = new(PumpsMetrics.MeterName);

    private readonly Activity? _activity;
    private readonly PumpsMetrics? _metrics;
    private readonly TimeProvider? _time;
    private readonly long _startedAt;

    private HandlerWatch(Activity? activity, PumpsMetrics? metrics, TimeProvider time) =>
        (_activity, _metrics, _time, _startedAt) = (activity, metrics, time, time.GetTimestamp());

    /// <param name="message">The message.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="request">The activity of the upgrade request. It is as long as the connection, so the message is linked to it and no child of it.</param>
    /// <param name="metrics">Where the duration goes; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    public static HandlerWatch Begin(in Message message, IClient client, Activity? request, PumpsMetrics? metrics, TimeProvider time)
    {
        if (metrics is { WantsHandlers: false })
            metrics = null;
        var activity = Source.HasListeners() ? Start(message, client, request) : null;
        return activity is null && metrics is null ? default : new HandlerWatch(activity, metrics, time);
    }

    public void End(string outcome, Exception? exception = null)
    {
        if (_time is null)
            return;

        _metrics?.Handled(_time.GetElapsedTime(_startedAt), outcome, exception);
        if (_activity is null)
            return;

        if (exception is not null)
        {
            _activity.SetTag("error.type", exception.GetType().FullName);
            _activity.SetStatus(ActivityStatusCode.Error, exception.Message);
        }

        _activity.Dispose();
    }

    private static Activity? Start(in Message message, IClient client, Activity? request)
    {
        // Without this the current activity, which is the request's, would become the parent.
        Activity.Current = null;
        var activity = Source.StartActivity("wspumps.message", ActivityKind.Server, parentContext: default, links: request is null ? null : [new ActivityLink(request.Context)]);
        if (activity is not { IsAllDataRequested: true })
            return activity;

        activity.SetTag("wspumps.connection.id", client.Id);
        activity.SetTag("wspumps.message.type", message.Type is WebSocketMessageType.Text ? "text" : "binary");
        activity.SetTag("wspumps.message.size", message.Payload.Length);
        return activity;
    }
}
