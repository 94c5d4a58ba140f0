using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>Tells the other nodes that this one is there, and notices who comes, goes and vanishes.</summary>
internal sealed partial class NodeUpkeep(
    NodeIdentity self,
    NodeTable nodes,
    Subscription[] subscriptions,
    Publisher publisher,
    Outbox outbox,
    ClusterOptions options,
    ClusterEvents events,
    TimeProvider time,
    ILogger logger)
{
    private const long Draining = 1;
    private const long NothingPublished = 2;
    private const long MovingSessions = 4;

    private readonly HashSet<ulong> _misfits = [];
    private long? _lastHeartbeatAt;
    private bool _wasDraining;
    private bool _isDue = true;

    /// <summary>How many clients are registered here, and whether they are asked to leave.</summary>
    public Func<(int Connections, bool IsDraining)> Load { get; set; } = static () => default;

    /// <summary>Whether sessions move from and to this node.</summary>
    public bool MovesSessions { get; set; }

    /// <summary>Called when a node has come, or is back.</summary>
    public Action OnCome { get; init; } = static () => { };

    /// <summary>Told of each node that is forgotten.</summary>
    public Action<ulong> OnForgotten { get; init; } = static _ => { };

    /// <summary>Has a heartbeat sent with the next pass: somebody new is there, or the engine has connected.</summary>
    public void HeartbeatIsDue() => Volatile.Write(ref _isDue, true);

    public void Run(long now, bool isConnected)
    {
        var (vanished, forgotten) = nodes.Expire(now);
        foreach (var node in vanished)
            events.Left(node, vanished: true);
        foreach (var instance in forgotten)
            Forget(instance);

        var load = Load();
        // The others are told of a drain at once: a session that waits for this node would wait in vain.
        var isTime = _lastHeartbeatAt is not { } last || time.GetElapsedTime(last, now) >= options.HeartbeatInterval
            || load.IsDraining != _wasDraining;
        if (!isConnected || (!isTime && !Volatile.Read(ref _isDue)))
            return;

        Volatile.Write(ref _isDue, false);
        (_lastHeartbeatAt, _wasDraining) = (now, load.IsDraining);
        SendHeartbeat(load);
    }

    public void SendGoodbye() => publisher.PublishControl(publisher.Begin(EnvelopeKind.Goodbye));

    public void OnHeartbeat(in Envelope envelope, ref BodyReader body)
    {
        var (name, _) = (body.ReadText(), body.ReadText());
        var (groups, users) = (body.ReadNumber(), body.ReadNumber());
        var startedAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(body.ReadNumber(), 0, 253402300799999));
        var (connections, flags) = (body.ReadNumber(), body.ReadNumber());
        if (!body.IsValid)
            return;

        if (groups != options.GroupChannels || users != options.UserChannels)
        {
            if (_misfits.Add(envelope.Origin))
                Log.Misfit(logger, name, groups, users, options.GroupChannels, options.UserChannels);
            return;
        }

        var (isNew, node) = nodes.Seen(envelope.Origin, name, envelope.SentAt, node => node with
        {
            StartedAt = startedAt,
            Connections = (int)Math.Clamp(connections, 0, int.MaxValue),
            IsDraining = (flags & Draining) != 0,
            MovesSessions = (flags & MovingSessions) != 0,
        });
        if (!isNew)
            return;

        if ((flags & NothingPublished) != 0)
        {
            // What it publishes on a channel that nobody here listens to is not missing when somebody does later.
            foreach (var subscription in subscriptions.Where(subscription => subscription.IsOn))
                subscription.Sequences.Begin(envelope.Origin);
        }

        // The one that has come need not wait for the next heartbeat to know this node.
        HeartbeatIsDue();
        OnCome();
        events.Joined(node);
    }

    public void OnGoodbye(in Envelope envelope)
    {
        if (nodes.Remove(envelope.Origin) is { } node)
            events.Left(node, vanished: false);
        Forget(envelope.Origin);
    }

    /// <summary>The name of the application that sent a heartbeat which is not for this one.</summary>
    public static string ApplicationOf(ref BodyReader body)
    {
        body.ReadText();
        return body.ReadText();
    }

    private void SendHeartbeat((int Connections, bool IsDraining) load)
    {
        var (connections, isDraining) = load;
        var heartbeat = publisher.Begin(EnvelopeKind.Heartbeat);
        heartbeat.WriteText(self.Name);
        heartbeat.WriteText(self.ApplicationName);
        heartbeat.WriteNumber(options.GroupChannels);
        heartbeat.WriteNumber(options.UserChannels);
        heartbeat.WriteNumber(self.StartedAt.ToUnixTimeMilliseconds());
        heartbeat.WriteNumber(connections);
        heartbeat.WriteNumber((isDraining ? Draining : 0) | (outbox.HasNumbered ? 0 : NothingPublished)
            | (MovesSessions ? MovingSessions : 0));
        publisher.PublishControl(heartbeat);
    }

    private void Forget(ulong instance)
    {
        foreach (var subscription in subscriptions)
            subscription.Sequences.Forget(instance);
        OnForgotten(instance);
    }

    private static partial class Log
    {
        [LoggerMessage(207, LogLevel.Error, "The server {Node} spreads groups onto {Groups} and users onto {Users} channels, this one " +
            "onto {OwnGroups} and {OwnUsers}. " +
            "It is not part of the cluster: give all servers the same GroupChannels and UserChannels.", EventName = "ClusterNodeMisfit")]
        public static partial void Misfit(ILogger logger, string node, long groups, long users, int ownGroups, int ownUsers);
    }
}
