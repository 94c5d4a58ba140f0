using System.Diagnostics;
using WsPumps.Outbound;

namespace WsPumps.Clustering;

/// <summary>What other nodes have sent for the broadcasters of this one.</summary>
internal sealed class ClusterInbox(TimeProvider time) : IEnvelopeHandler
{
    private static readonly ActivitySource Activities = new(PumpsMetrics.MeterName);

    private readonly Lock _lock = new();
    private ClusterCore _core = null!;
    private ClusterQueries _queries = null!;
    private ClusterPresence _presence = null!;

    /// <summary>Replaced as a whole under the lock.</summary>
    private ClusterMember[] _members = [];

    public ClusterMetrics? Metrics { get; set; }

    /// <summary>Null where no session moves.</summary>
    public SessionMoves? Sessions { get; set; }

    public IReadOnlyList<ClusterMember> Members => Volatile.Read(ref _members);

    public void Begin(ClusterCore core, ClusterQueries queries, ClusterPresence presence, SurplusConnections surplus)
    {
        (_core, _queries, _presence) = (core, queries, presence);
        core.NodeUpkeep.Load = Load;
        core.OnPass = now =>
        {
            presence.Run(now);
            surplus.Run(now);
        };
        core.OnForgotten = presence.Forget;
    }

    /// <exception cref="ArgumentException">There is a broadcaster of that name.</exception>
    public void Add(ClusterMember member)
    {
        lock (_lock)
        {
            if (Find(member.Name) is not null)
            {
                throw new ArgumentException($"The cluster has a broadcaster with the name '{member.Name}' already. Give the second one " +
                    "another name, the same on all servers.", nameof(member));
            }

            _members = [.. _members, member];
        }
    }

    public ClusterMember? Find(string name)
    {
        foreach (var member in Members)
        {
            if (member.Name == name)
                return member;
        }

        return null;
    }

    public ClusterMember? Find(Audience audience) => Members.FirstOrDefault(member => member.Broadcaster.Made(audience));

    /// <summary>See <see cref="ClusterMember.Heard"/>.</summary>
    public void Heard(int channel)
    {
        foreach (var member in Members)
            member.Heard(channel);
    }

    public (int Connections, bool IsDraining) Load()
    {
        var managers = Members.Select(member => member.Manager).Distinct().ToList();
        return (managers.Sum(manager => manager.Clients.Count), managers.Any(manager => manager.IsDraining));
    }

    public void Handle(in Envelope envelope, ref BodyReader body)
    {
        switch (envelope.Kind)
        {
            case var _ when envelope.IsNumbered:
                Reach(envelope, ref body);
                break;
            case EnvelopeKind.Query:
                _queries.OnQuery(envelope, ref body);
                break;
            case EnvelopeKind.Answer:
                _queries.OnAnswer(envelope, ref body);
                break;
            case EnvelopeKind.Presence:
                _presence.OnPresence(envelope, ref body);
                break;
            case EnvelopeKind.PresenceWanted:
                _presence.OnWanted();
                break;
            case EnvelopeKind.SessionWanted or EnvelopeKind.SessionOffered or EnvelopeKind.SessionTaken or EnvelopeKind.SessionGiven:
                Sessions?.Handle(envelope, ref body);
                break;
        }
    }

    /// <returns>Null when it is not for this node, or none of ours.</returns>
    public (ClusterMember Member, AudienceSelector Audience)? ReadAudience(ref BodyReader body)
    {
        var member = Find(body.ReadText());
        if (!body.IsValid || !AudienceSelector.TryRead(body.Rest, out var audience, out var length))
            return null;

        body.Skip(length);
        return member is null || (audience.NodeId is { } node && node != _core.Self.Id) ? null : (member, audience);
    }

    private void Reach(in Envelope envelope, ref BodyReader body)
    {
        if (ReadAudience(ref body) is not var (member, audience))
            return;

        var sentAt = _core.Nodes.Translate(envelope.Origin, envelope.SentAt);
        switch (envelope.Kind)
        {
            case EnvelopeKind.Message or EnvelopeKind.CompressedMessage:
                Metrics?.Arrived(time.GetUtcNow() - sentAt);
                Write(envelope, ref body, member, audience);
                break;
            case EnvelopeKind.Close:
                var (status, reason, mode, isReplaced) = CloseBody.Read(ref body);
                if (body.IsValid && isReplaced)
                    member.CloseAsReplaced(audience, sentAt);
                else if (body.IsValid)
                    member.Close(audience, sentAt, status, reason, mode);
                break;
            case EnvelopeKind.Abort:
                member.Abort(audience, sentAt);
                break;
        }
    }

    private void Write(in Envelope envelope, ref BodyReader body, ClusterMember member, AudienceSelector audience)
    {
        var entry = HistoryBody.Read(ref body);
        if (MessageBody.Read(ref body, envelope.Kind is EnvelopeKind.CompressedMessage) is not { } message)
            return;

        if (_core.Deliveries is { AreTagged: true })
            message = message.Tagged(new DeliveryTag(envelope.Channel, envelope.Origin, envelope.Sequence));
        using var activity = envelope.Trace == default
            ? null : Activities.StartActivity("wspumps.cluster.receive", ActivityKind.Consumer, envelope.Trace);
        member.Write(audience, message, entry?.Invoke(message));
    }
}
