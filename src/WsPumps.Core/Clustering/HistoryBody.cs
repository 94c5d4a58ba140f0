namespace WsPumps.Clustering;

/// <summary>The place of a message in a history, as it goes to other nodes before the message itself.</summary>
internal static class HistoryBody
{
    public static void Write(BodyWriter writer, HistoryEntry? entry)
    {
        writer.WriteText(entry?.Epoch ?? "");
        if (entry is null)
            return;

        writer.WriteUInt64(entry.Offset.Major);
        writer.WriteUInt64(entry.Offset.Minor);
        writer.WriteUInt64(entry.Previous.Major);
        writer.WriteUInt64(entry.Previous.Minor);
    }

    /// <returns>Makes the entry of the message that follows; null where there is none.</returns>
    public static Func<PreparedMessage, HistoryEntry>? Read(ref BodyReader reader)
    {
        var epoch = reader.ReadText();
        if (epoch.Length == 0)
            return null;

        var offset = new HistoryOffset(reader.ReadUInt64(), reader.ReadUInt64());
        var previous = new HistoryOffset(reader.ReadUInt64(), reader.ReadUInt64());
        return message => new HistoryEntry { Epoch = epoch, Offset = offset, Previous = previous, Message = message };
    }
}
