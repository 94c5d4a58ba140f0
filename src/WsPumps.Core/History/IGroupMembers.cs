namespace WsPumps.History;

/// <summary>The members of a group with a history, and the other servers.</summary>
internal interface IGroupMembers
{
    /// <summary>Queues a message for the members who are connected here.</summary>
    BroadcastResult Write(IReadOnlyCollection<string> excluded, PreparedMessage message);

    /// <summary>Publishes a message to the other servers.</summary>
    /// <param name="excluded">Who does not get it.</param>
    /// <param name="message">The message as it was written.</param>
    /// <param name="entry">Its place, where all servers share the history.</param>
    bool Publish(IReadOnlyCollection<string> excluded, PreparedMessage message, HistoryEntry? entry);

    /// <summary>Whether nobody is connected here.</summary>
    bool IsEmpty { get; }

    bool Join(IClient client);

    bool Leave(IClient client);
}
