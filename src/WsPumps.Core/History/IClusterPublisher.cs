namespace WsPumps.History;

/// <summary>Hands messages on to the other servers, without the clients of this one.</summary>
internal interface IClusterPublisher
{
    /// <param name="audience">Who gets it.</param>
    /// <param name="message">The message.</param>
    /// <param name="entry">Its place in a history that all servers share; null where it has none.</param>
    /// <returns>Whether there was anybody it could be for.</returns>
    bool Publish(AudienceSelector audience, PreparedMessage message, HistoryEntry? entry);
}
