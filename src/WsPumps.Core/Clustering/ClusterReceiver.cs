using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>What the engine tells this node: sorted by kind, own echoes and repetitions left out, and the missing counted.</summary>
internal sealed partial class ClusterReceiver(
    NodeIdentity self,
    NodeTable nodes,
    ChannelMap channels,
    Subscription[] subscriptions,
    ClusterCounters counters,
    ClusterEvents events,
    TimeProvider time,
    ILogger logger) : IBackplaneReceiver
{
    private int _loggedFaults;

    public required SubscriptionUpkeep Subscriptions { get; init; }

    public required NodeUpkeep Nodes { get; init; }

    /// <summary>For what is numbered, and for what is asked and answered.</summary>
    public required IEnvelopeHandler Handler { get; init; }

    /// <summary>Null where no session moves.</summary>
    public DeliveriesUnderWay? Deliveries { get; set; }

    public required Action<BackplaneStatus> OnStatus { get; init; }

    public required Action OnWritable { get; init; }

    /// <summary>Asks for a pass of the upkeep soon.</summary>
    public required Action HasWork { get; init; }

    public void Receive(string channel, ReadOnlyMemory<byte> data)
    {
        if (!channels.TryFind(channel, out var number))
            return;

        var fault = Envelope.Read(data.Span, out var envelope, out var body);
        if (fault is EnvelopeFault.None && envelope.Application != self.Application)
            fault = EnvelopeFault.OtherApplication;
        if (fault is not EnvelopeFault.None)
        {
            Ignore(fault, channel, envelope, ref body);
            return;
        }

        subscriptions[number].Heard(time.GetTimestamp());
        // Before it is counted: what is counted is delivered, or under way.
        var delivery = Deliveries?.Begin();
        try
        {
            if (envelope.Origin != self.Instance)
                Dispatch(number, envelope, ref body);
            else if (envelope.Kind is EnvelopeKind.Marker)
                subscriptions[number].CameBack(body.ReadNumber());
        }
        catch (Exception exception)
        {
            Log.Failed(logger, envelope.Kind, nodes.IdOf(envelope.Origin), exception);
        }
        finally
        {
            if (delivery is not null)
            {
                delivery.End();
                subscriptions[number].Tell();
            }
        }
    }

    public void StatusChanged(BackplaneStatus status) => OnStatus(status);

    public void Writable() => OnWritable();

    private void Dispatch(int channel, in Envelope envelope, ref BodyReader body)
    {
        switch (envelope.Kind)
        {
            case var _ when envelope.IsNumbered:
                if (IsNext(channel, envelope))
                    Handler.Handle(envelope with { Channel = channel }, ref body);
                break;
            case EnvelopeKind.Marker:
                Missing(channel, envelope.Origin, subscriptions[channel].Sequences.Mark(envelope.Origin, envelope.Sequence));
                break;
            case EnvelopeKind.MarkersWanted:
                for (var left = body.ReadCount(); left > 0; left--)
                    Subscriptions.Ask((int)Math.Clamp(body.ReadNumber(), -1, int.MaxValue));
                HasWork();
                break;
            case EnvelopeKind.Heartbeat:
                Nodes.OnHeartbeat(envelope, ref body);
                break;
            case EnvelopeKind.Goodbye:
                Nodes.OnGoodbye(envelope);
                break;
            default:
                Handler.Handle(envelope, ref body);
                break;
        }
    }

    private bool IsNext(int channel, in Envelope envelope)
    {
        var isNew = subscriptions[channel].Sequences.Next(envelope.Origin, envelope.Sequence, out var missing);
        if (isNew)
            counters.Received();
        else
            counters.Repeated();
        Missing(channel, envelope.Origin, missing);
        return isNew;
    }

    private void Missing(int channel, ulong origin, long count)
    {
        if (count == 0)
            return;

        counters.Missing(count);
        events.Missing(nodes.IdOf(origin), channels[channel], count);
    }

    private void Ignore(EnvelopeFault fault, string channel, in Envelope envelope, ref BodyReader body)
    {
        counters.Ignored();
        // Only a heartbeat has the name of the application: it is worth the wait.
        if (fault is EnvelopeFault.OtherApplication && envelope.Kind is not EnvelopeKind.Heartbeat)
            return;

        var bit = 1 << (int)fault;
        if ((Interlocked.Or(ref _loggedFaults, bit) & bit) != 0)
            return;

        switch (fault)
        {
            case EnvelopeFault.OtherApplication:
                Log.OtherApplication(logger, channel, NodeUpkeep.ApplicationOf(ref body), self.ApplicationName);
                break;
            case EnvelopeFault.OtherVersion:
                Log.OtherVersion(logger, channel);
                break;
            default:
                Log.Garbage(logger, channel);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(208, LogLevel.Error, "What the server {Node} has sent ({Kind}) could not be carried out.",
            EventName = "ClusterReceiveFailed")]
        public static partial void Failed(ILogger logger, EnvelopeKind kind, string node, Exception exception);

        [LoggerMessage(209, LogLevel.Warning, "On channel {Channel} comes what belongs to the application '{Other}', not to '{Own}'. It " +
            "is ignored; give one of the two another ChannelPrefix. " +
            "Logged once.", EventName = "ClusterOtherApplication")]
        public static partial void OtherApplication(ILogger logger, string channel, string other, string own);

        [LoggerMessage(210, LogLevel.Warning, "On channel {Channel} comes what another version of the library has sent. It is ignored " +
            "and counted. Logged once.", EventName = "ClusterOtherVersion")]
        public static partial void OtherVersion(ILogger logger, string channel);

        [LoggerMessage(211, LogLevel.Warning, "On channel {Channel} comes what no server of the cluster has sent. It is ignored and " +
            "counted. Logged once.", EventName = "ClusterGarbage")]
        public static partial void Garbage(ILogger logger, string channel);
    }
}
