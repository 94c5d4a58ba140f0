using WsPumps.Outbound;
using WsPumps.Sessions;

namespace WsPumps.Clustering;

/// <summary>A whole session, as it goes to another node.</summary>
/// <param name="Content">The messages.</param>
/// <param name="Numbers">What is among them of the cluster's messages: the other node delivers what follows.</param>
/// <param name="Groups">The groups that it is in.</param>
/// <param name="State">What the application has given along.</param>
internal sealed record SessionBody(SessionContent Content, ChannelNumbers Numbers, IReadOnlyCollection<string> Groups,
    ReadOnlyMemory<byte> State)
{
    public byte[] ToArray(TimeProvider time)
    {
        var writer = BodyWriter.Begin();
        writer.WriteNumber(Content.MessagesReceived);
        Numbers.Write(writer);
        writer.WriteTexts(Groups);
        writer.WriteNumber(State.Length);
        writer.WriteBytes(State.Span);
        writer.WriteNumber(Content.Lacking.Count);
        foreach (var message in Content.Lacking)
            MessageBody.Write(writer, message, deflated: null);
        writer.WriteNumber(Content.Queued.Count);
        var now = time.GetTimestamp();
        foreach (var (message, expiresAt) in Content.Queued)
        {
            // One that has expired goes along and is dropped there: it has its place in the sums.
            writer.WriteNumber(expiresAt == 0 ? 0 : 1 + Math.Max(0, (long)time.GetElapsedTime(now, expiresAt).TotalMilliseconds));
            MessageBody.Write(writer, message, deflated: null);
        }

        return writer.ToArray();
    }

    /// <returns>Null when it is none.</returns>
    public static SessionBody? Read(ReadOnlySpan<byte> data, int channels, TimeProvider time)
    {
        var reader = new BodyReader(data);
        var received = reader.ReadNumber();
        var numbers = ChannelNumbers.Read(ref reader, channels);
        var groups = reader.ReadTexts();
        var state = reader.ReadBytes().ToArray();
        var lacking = new List<PreparedMessage>();
        for (var left = reader.ReadCount(); left > 0 && reader.IsValid; left--)
        {
            if (MessageBody.Read(ref reader, isCompressed: false) is not { } message)
                return null;

            lacking.Add(message);
        }

        var queued = new List<QueuedMessage>();
        var now = time.GetTimestamp();
        for (var left = reader.ReadCount(); left > 0 && reader.IsValid; left--)
        {
            var expires = reader.ReadNumber();
            if (MessageBody.Read(ref reader, isCompressed: false) is not { } message)
                return null;

            queued.Add(new QueuedMessage(message, expires == 0 ? 0 : now + ((expires - 1) * time.TimestampFrequency / 1000)));
        }

        return reader.IsValid && numbers is not null && received >= 0
            ? new SessionBody(new SessionContent(received, lacking, queued), numbers, groups, state) : null;
    }
}
