namespace WsPumps.Dashboard;

/// <summary>One connection in full; of one that has ended, what is left in the log.</summary>
internal sealed record ConnectionDetail(
    string Id, bool IsOpen, Row? Row, IReadOnlyCollection<string> Groups, Handshake? Handshake, string? SubProtocol, string? Name,
    ClientStatistics Statistics, IReadOnlyList<RoundTrip> RoundTrips, IReadOnlyList<ConnectionEvent> Events)
{
    private const int MaxGroups = 1000;

    public static ConnectionDetail Of(string id, ConnectionSeen? seen, KnownConnections connections)
    {
        var known = connections.Find(id);
        return new ConnectionDetail(
            id,
            seen is not null,
            seen is null ? null : Row.Of(seen),
            seen is null ? [] : [.. seen.Client.Groups.Order(StringComparer.Ordinal).Take(MaxGroups)],
            known?.Handshake,
            known?.Client.SubProtocol,
            known?.Client.User?.Identity?.Name,
            seen?.Client.Statistics ?? default,
            known?.RoundTrips.ToArray() ?? [],
            known?.Events.ToArray() ?? [.. connections.Log.ToArray().Where(happened => happened.Connection == id)]);
    }
}
