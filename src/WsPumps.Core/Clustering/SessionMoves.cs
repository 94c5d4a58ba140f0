using Microsoft.Extensions.Logging;

namespace WsPumps.Clustering;

/// <summary>
/// How sessions move between nodes. The node to which a client comes back asks all others; the one that has the session gives the client's
/// connection up and offers it. The asking node makes a client for it, joins its groups, and takes it; only then does it end where it was.
/// </summary>
internal sealed class SessionMoves
{
    public SessionMoves(ClusterCore core, TimeProvider time, ILogger logger)
    {
        var deliveries = new DeliveriesUnderWay();
        core.Receiver.Deliveries = deliveries;
        core.NodeUpkeep.MovesSessions = true;
        Giver = new SessionGiver(core, deliveries, time, logger);
        Seeker = new SessionSeeker(core, deliveries, time);
    }

    /// <summary>For the sessions of this node.</summary>
    public SessionGiver Giver { get; }

    /// <summary>For those of others.</summary>
    public SessionSeeker Seeker { get; }

    public void Handle(in Envelope envelope, ref BodyReader body)
    {
        var question = body.ReadUInt64();
        switch (envelope.Kind)
        {
            case EnvelopeKind.SessionWanted:
                var (high, low) = (body.ReadUInt64(), body.ReadUInt64());
                Giver.OnWanted(envelope.Origin, question, new UInt128(high, low), body.Rest);
                break;
            case EnvelopeKind.SessionTaken:
                Giver.OnTaken(envelope.Origin, question, body.Rest);
                break;
            case EnvelopeKind.SessionOffered:
                Seeker.OnOffered(envelope.Origin, question, body.Rest);
                break;
            case EnvelopeKind.SessionGiven:
                Seeker.OnGiven(envelope.Origin, question, body.Rest);
                break;
        }
    }

    /// <summary>What is sealed with the content of an envelope: it cannot be sent again as another one, or by another node.</summary>
    public static byte[] Context(EnvelopeKind kind, ulong from, ulong question)
    {
        var context = BodyWriter.Begin();
        context.WriteByte((byte)kind);
        context.WriteUInt64(from);
        context.WriteUInt64(question);
        return context.ToArray();
    }
}
