using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>
/// Tells the application what happens in the cluster: one at a time, in order, on the thread pool, so that a subscriber holds up no
/// message. Gaps of one channel that come meanwhile are told as one.
/// </summary>
internal sealed partial class ClusterEvents
{
    private readonly Lock _lock = new();
    private readonly Queue<(ClusterNodeEvent Event, bool Joined)> _nodes = new();
    private readonly Dictionary<(string Node, string Channel), long> _gaps = [];
    private readonly SerialWork _telling;
    private readonly ILogger _logger;

    public ClusterEvents(TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _telling = new SerialWork(Tell, time);
    }

    public event Action<ClusterNodeEvent>? NodeJoined;

    public event Action<ClusterNodeEvent>? NodeLeft;

    public event Action<ClusterGap>? Gap;

    public void Joined(ClusterNode node)
    {
        lock (_lock)
            _nodes.Enqueue((new ClusterNodeEvent { Node = node }, Joined: true));
        _telling.Schedule();
    }

    public void Left(ClusterNode node, bool vanished)
    {
        lock (_lock)
            _nodes.Enqueue((new ClusterNodeEvent { Node = node, Vanished = vanished }, Joined: false));
        _telling.Schedule();
    }

    public void Missing(string nodeId, string channel, long count)
    {
        lock (_lock)
        {
            _gaps.TryGetValue((nodeId, channel), out var before);
            _gaps[(nodeId, channel)] = before + count;
        }

        _telling.Schedule();
    }

    private void Tell()
    {
        List<ClusterGap> gaps;
        List<(ClusterNodeEvent Event, bool Joined)> nodes;
        lock (_lock)
        {
            nodes = [.. _nodes];
            gaps = [.. _gaps.Select(gap => new ClusterGap { NodeId = gap.Key.Node, Channel = gap.Key.Channel, Missing = gap.Value })];
            _nodes.Clear();
            _gaps.Clear();
        }

        foreach (var (change, joined) in nodes)
        {
            if (joined)
                Log.NodeJoined(_logger, change.Node.Id);
            else if (change.Vanished)
                Log.NodeVanished(_logger, change.Node.Id);
            else
                Log.NodeLeft(_logger, change.Node.Id);
            Raise(joined ? NodeJoined : NodeLeft, change);
        }

        foreach (var gap in gaps)
        {
            Log.Gap(_logger, gap.Missing, gap.NodeId, gap.Channel);
            Raise(Gap, gap);
        }
    }

    private void Raise<T>(Action<T>? subscribers, T what)
    {
        foreach (var subscriber in Delegate.EnumerateInvocationList(subscribers))
        {
            try
            {
                subscriber(what);
            }
            catch (Exception exception)
            {
                Log.SubscriberFailed(_logger, typeof(T).Name, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(202, LogLevel.Information, "The server {Node} has joined the cluster.", EventName = "ClusterNodeJoined")]
        public static partial void NodeJoined(ILogger logger, string node);

        [LoggerMessage(203, LogLevel.Information, "The server {Node} has left the cluster.", EventName = "ClusterNodeLeft")]
        public static partial void NodeLeft(ILogger logger, string node);

        [LoggerMessage(204, LogLevel.Warning, "Nothing is heard of the server {Node} any more. It counts as gone.",
            EventName = "ClusterNodeVanished")]
        public static partial void NodeVanished(ILogger logger, string node);

        [LoggerMessage(205, LogLevel.Warning, "{Missing} messages of the server {Node} on channel {Channel} did not arrive.",
            EventName = "ClusterGap")]
        public static partial void Gap(ILogger logger, long missing, string node, string channel);

        [LoggerMessage(206, LogLevel.Error, "A subscriber of a cluster event ({Event}) threw.", EventName = "ClusterSubscriberFailed")]
        public static partial void SubscriberFailed(ILogger logger, string @event, Exception exception);
    }
}
