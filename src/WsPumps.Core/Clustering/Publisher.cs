using System.Diagnostics;

namespace WsPumps.Clustering;

/// <summary>Makes envelopes of this node and puts them into the outbox. Safe for concurrent use; never waits.</summary>
internal sealed class Publisher(NodeIdentity node, ChannelMap channels, Outbox outbox, TimeProvider time)
{
    private long _lastMark;

    /// <summary>Begins an envelope. One at a time on a thread; finish it with a call below.</summary>
    public BodyWriter Begin(EnvelopeKind kind)
    {
        var writer = BodyWriter.Begin();
        Envelope.WriteHead(writer, kind, node.Application, node.Instance, time.GetUtcNow(), kind is EnvelopeKind.Message
            or EnvelopeKind.CompressedMessage ? Activity.Current : null);
        return writer;
    }

    /// <summary>For an envelope of a numbered kind.</summary>
    /// <returns>Its number.</returns>
    public long PublishNumbered(int channel, BodyWriter envelope) => outbox.AddNumbered(channel, envelope.ToArray());

    /// <summary>For what nodes tell all others.</summary>
    public void PublishControl(BodyWriter envelope) => outbox.Add(channels[ChannelMap.Control], envelope.ToArray());

    /// <summary>For what a node tells one other.</summary>
    public void PublishTo(ulong instance, BodyWriter envelope) => outbox.Add(channels.DirectTo(instance), envelope.ToArray());

    public void PublishMarker(int channel) => PublishMarker(channel, NextMark());

    public long NextMark() => Interlocked.Increment(ref _lastMark);

    /// <summary>When it or a later one comes back, this node has heard what was published on the channel before.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="mark">From <see cref="NextMark"/>.</param>
    public void PublishMarker(int channel, long mark)
    {
        var envelope = Begin(EnvelopeKind.Marker);
        envelope.WriteNumber(mark);
        outbox.AddMarker(channel, envelope.ToArray());
    }
}
