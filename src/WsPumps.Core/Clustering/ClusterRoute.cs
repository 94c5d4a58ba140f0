using System.Net.WebSockets;
using WsPumps.History;
using WsPumps.Outbound;

namespace WsPumps.Clustering;

/// <summary>The clients of this server first, then those of the others.</summary>
internal sealed class ClusterRoute(IBroadcastRoute local, ClusterCore core, string broadcaster) : IBroadcastRoute, IClusterPublisher
{
    public BroadcastResult Write(AudienceSelector audience, PreparedMessage message)
    {
        if (core.Deliveries is { } deliveries)
            return Write(audience, message, deliveries);

        var result = IsHere(audience) ? local.Write(audience, message) : default;
        return result with { Published = Publish(audience, message, entry: null) };
    }

    /// <summary>Waits for room in the outbox as well.</summary>
    public async ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message,
        CancellationToken cancellationToken)
    {
        var delivery = core.Deliveries?.Begin();
        bool published;
        ValueTask<BroadcastResult> writing;
        try
        {
            message = Tagged(audience, message);
            writing = IsHere(audience) ? local.WriteAsync(audience, message, cancellationToken) : default;
            // The others need not wait for a slow client of this server.
            await core.Outbox.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            published = Publish(audience, message, entry: null);
        }
        finally
        {
            delivery?.End();
        }

        return await writing.ConfigureAwait(false) with { Published = published };
    }

    public int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode)
    {
        var closing = IsHere(audience) ? local.Close(audience, status, reason, mode) : 0;
        if (IsElsewhere(audience))
        {
            var envelope = Begin(EnvelopeKind.Close, audience);
            CloseBody.Write(envelope, status, reason, mode);
            core.Publisher.PublishNumbered(ChannelOf(audience), envelope);
        }

        return closing;
    }

    public int Abort(AudienceSelector audience)
    {
        var aborted = IsHere(audience) ? local.Abort(audience) : 0;
        if (IsElsewhere(audience))
            core.Publisher.PublishNumbered(ChannelOf(audience), Begin(EnvelopeKind.Abort, audience));
        return aborted;
    }

    public bool Publish(AudienceSelector audience, PreparedMessage message, HistoryEntry? entry)
    {
        if (!IsElsewhere(audience))
            return false;

        // Clients of this server come first: where one of them wanted it compressed, it is.
        var deflated = message.Deflated;
        var envelope = Begin(deflated is null ? EnvelopeKind.Message : EnvelopeKind.CompressedMessage, audience);
        HistoryBody.Write(envelope, entry);
        MessageBody.Write(envelope, message, deflated);
        var number = core.Publisher.PublishNumbered(ChannelOf(audience), envelope);
        if (message.Tag is { } tag)
            tag.Sequence = number;
        return true;
    }

    /// <summary>The same where sessions move: what one of them gets here is known by its number there.</summary>
    private BroadcastResult Write(AudienceSelector audience, PreparedMessage message, DeliveriesUnderWay deliveries)
    {
        var delivery = deliveries.Begin();
        try
        {
            message = Tagged(audience, message);
            var result = IsHere(audience) ? local.Write(audience, message) : default;
            return result with { Published = Publish(audience, message, entry: null) };
        }
        finally
        {
            delivery.End();
        }
    }

    private PreparedMessage Tagged(AudienceSelector audience, PreparedMessage message) =>
        core.Deliveries is { AreTagged: true } && IsElsewhere(audience)
            ? message.Tagged(new DeliveryTag(ChannelOf(audience), core.Self.Instance, DeliveryTag.None))
            : message;

    private BodyWriter Begin(EnvelopeKind kind, AudienceSelector audience)
    {
        var envelope = core.Publisher.Begin(kind);
        envelope.WriteText(broadcaster);
        audience.WriteTo(envelope);
        return envelope;
    }

    private bool IsHere(AudienceSelector audience) => audience.NodeId is null || audience.NodeId == core.Self.Id;

    private bool IsElsewhere(AudienceSelector audience) =>
        audience.NodeId != core.Self.Id && (audience.Kind is AudienceKind.All || audience.Names.Count > 0);

    /// <summary>Where the names are on different channels, all nodes are told, so that no client gets it from two.</summary>
    private int ChannelOf(AudienceSelector audience)
    {
        if (audience.Kind is not (AudienceKind.Groups or AudienceKind.Users))
            return ChannelMap.All;

        var channel = ChannelOf(audience.Kind, audience.Names[0]);
        for (var i = 1; i < audience.Names.Count; i++)
        {
            if (ChannelOf(audience.Kind, audience.Names[i]) != channel)
                return ChannelMap.All;
        }

        return channel;
    }

    private int ChannelOf(AudienceKind kind, string name) => kind is AudienceKind.Groups
        ? core.Channels.OfGroup(name) : core.Channels.OfUser(name);
}
