namespace WsPumps.Clustering;

/// <summary>The snapshot of a client as it goes to other nodes.</summary>
internal static class SnapshotBody
{
    public static void Write(BodyWriter writer, ClientSnapshot snapshot)
    {
        writer.WriteText(snapshot.Id);
        writer.WriteByte(snapshot.UserId is null ? (byte)0 : (byte)1);
        if (snapshot.UserId is { } user)
            writer.WriteText(user);
        writer.WriteTexts(snapshot.Groups);
        WriteTime(writer, snapshot.Age);
        var statistics = snapshot.Statistics;
        writer.WriteNumber(statistics.ConnectedAt.UtcTicks);
        writer.WriteNumber(statistics.LastReceivedAt.UtcTicks);
        WriteTime(writer, statistics.RoundTripTime);
        writer.WriteNumber(statistics.QueuedMessages);
        writer.WriteNumber(statistics.QueuedBytes);
        writer.WriteNumber(statistics.MessagesSent);
        writer.WriteNumber(statistics.BytesSent);
        writer.WriteNumber(statistics.MessagesReceived);
        writer.WriteNumber(statistics.BytesReceived);
        writer.WriteNumber(statistics.MessagesDropped);
        writer.WriteNumber(statistics.UncompressedBytesSent);
        writer.WriteNumber(statistics.CompressedBytesReceived);
    }

    public static ClientSnapshot Read(ref BodyReader reader)
    {
        var id = reader.ReadText();
        var user = reader.ReadByte() == 0 ? null : reader.ReadText();
        var groups = reader.ReadTexts();
        return new ClientSnapshot
        {
            Id = id,
            UserId = user,
            Groups = groups,
            Age = ReadTime(ref reader),
            Statistics = new ClientStatistics
            {
                ConnectedAt = ReadMoment(ref reader),
                LastReceivedAt = ReadMoment(ref reader),
                RoundTripTime = ReadTime(ref reader),
                QueuedMessages = (int)reader.ReadNumber(),
                QueuedBytes = reader.ReadNumber(),
                MessagesSent = reader.ReadNumber(),
                BytesSent = reader.ReadNumber(),
                MessagesReceived = reader.ReadNumber(),
                BytesReceived = reader.ReadNumber(),
                MessagesDropped = reader.ReadNumber(),
                UncompressedBytesSent = reader.ReadNumber(),
                CompressedBytesReceived = reader.ReadNumber(),
            },
        };
    }

    private static void WriteTime(BodyWriter writer, TimeSpan? time) => writer.WriteNumber(time is { } known ? known.Ticks + 1 : 0);

    private static TimeSpan? ReadTime(ref BodyReader reader) => reader.ReadNumber() is > 0 and var ticks
        ? TimeSpan.FromTicks(ticks - 1) : null;

    private static DateTimeOffset ReadMoment(ref BodyReader reader) =>
        new(Math.Clamp(reader.ReadNumber(), 0, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);
}
