namespace WsPumps.Dashboard;

/// <summary>The orders of the table.</summary>
internal static class TableOrder
{
    /// <summary>The id decides between equals, so that rows do not jump from one second to the next.</summary>
    public static IEnumerable<ConnectionSeen> Of(List<ConnectionSeen> connections, Query query) => query.Sort switch
    {
        "id" => By(connections, query, connection => connection.Client.Id, StringComparer.Ordinal),
        "user" => By(connections, query, connection => connection.Client.UserId, StringComparer.OrdinalIgnoreCase),
        "endpoint" => By(connections, query, connection => connection.Handshake?.Endpoint, StringComparer.OrdinalIgnoreCase),
        "address" => By(connections, query, connection => connection.Handshake?.Address, StringComparer.Ordinal),
        "groups" => By(connections, query, connection => connection.Client.Groups.Count),
        "age" => By(connections, query, connection => -connection.Client.Statistics.ConnectedAt.Ticks),
        "roundTrip" => By(connections, query, connection => connection.Client.Statistics.RoundTripTime),
        "queued" => By(connections, query, connection => connection.Client.Statistics.QueuedBytes),
        "sent" => By(connections, query, connection => connection.Client.Statistics.MessagesSent),
        "received" => By(connections, query, connection => connection.Client.Statistics.MessagesReceived),
        "dropped" => By(connections, query, connection => connection.Client.Statistics.MessagesDropped),
        "state" => By(connections, query, connection => connection.State, StringComparer.Ordinal),
        _ => connections.OrderByDescending(connection => connection.Client.Statistics.QueuedBytes)
            .ThenBy(connection => connection.Client.Age),
    };

    private static IEnumerable<ConnectionSeen> By<TKey>(List<ConnectionSeen> connections, Query query, Func<ConnectionSeen, TKey> key,
        IComparer<TKey>? comparer = null) =>
        (query.Descending ? connections.OrderByDescending(key, comparer) : connections.OrderBy(key, comparer))
            .ThenBy(static connection => connection.Client.Id, StringComparer.Ordinal);
}
