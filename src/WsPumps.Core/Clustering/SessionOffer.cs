namespace WsPumps.Clustering;

/// <summary>What a node answers that has the session: who it is, so that a client can be made for it.</summary>
internal sealed record SessionOffer
{
    /// <summary>How many messages the peer has lost for good, where the session cannot go on for that reason; else null.</summary>
    public long? MessagesMissed { get; init; }

    /// <summary>Whether the session can go on here.</summary>
    public bool IsGranted => MessagesMissed is null;

    public long MessagesReceived { get; init; }

    public string ClientId { get; init; } = "";

    public string? SubProtocol { get; init; }

    /// <summary>By the clock of the node that has it.</summary>
    public DateTimeOffset ConnectedAt { get; init; }

    public IReadOnlyCollection<string> Groups { get; init; } = [];

    public byte[] ToArray()
    {
        var writer = BodyWriter.Begin();
        writer.WriteNumber(MessagesMissed is { } missed ? missed + 1 : 0);
        writer.WriteNumber(MessagesReceived);
        writer.WriteText(ClientId);
        writer.WriteText(SubProtocol ?? "");
        writer.WriteNumber(ConnectedAt.ToUnixTimeMilliseconds());
        writer.WriteTexts(Groups);
        return writer.ToArray();
    }

    /// <returns>Null when it is none.</returns>
    public static SessionOffer? Read(ReadOnlySpan<byte> data)
    {
        var reader = new BodyReader(data);
        var (missed, received, id, subProtocol) = (reader.ReadNumber(), reader.ReadNumber(), reader.ReadText(), reader.ReadText());
        var connectedAt = Math.Clamp(reader.ReadNumber(), 0, 253402300799999);
        var groups = reader.ReadTexts();
        if (!reader.IsValid || missed < 0 || received < 0 || (missed == 0 && id.Length == 0) || groups.Contains(""))
            return null;

        return new SessionOffer
        {
            MessagesMissed = missed == 0 ? null : missed - 1,
            MessagesReceived = received,
            ClientId = id,
            SubProtocol = subProtocol.Length == 0 ? null : subProtocol,
            ConnectedAt = DateTimeOffset.FromUnixTimeMilliseconds(connectedAt),
            Groups = groups,
        };
    }
}
