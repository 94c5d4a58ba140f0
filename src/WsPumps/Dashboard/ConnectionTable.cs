using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>All connections at one moment.</summary>
internal sealed class ConnectionTable
{
    private const int RowsOfPage = 50;

    private readonly List<ConnectionSeen> _connections = [];

    /// <param name="server">The application.</param>
    /// <param name="known">What is known of its connections.</param>
    /// <param name="own">The broadcaster of the dashboard's own connections, which are left out.</param>
    public ConnectionTable(PumpsServer server, KnownConnections known, Broadcaster own)
    {
        var now = server.Time.GetUtcNow();
        foreach (var client in server.Broadcasters.All.Where(broadcaster => broadcaster != own)
            .SelectMany(broadcaster => broadcaster.All.Local.Snapshot()))
        {
            var connection = known.Find(client.Id);
            if (connection is not null)
                connection.User = client.UserId;
            var unansweredFor = connection?.UnansweredFor;
            _connections.Add(new ConnectionSeen(client, connection?.Handshake,
                ConnectionState.Of(client.Statistics, connection?.IsDropping is true, unansweredFor, now), unansweredFor));
        }
    }

    /// <summary>A page of those that match, in the order that was asked for.</summary>
    public TablePage Page(Query query, string? inGroup = null)
    {
        var matching = _connections.FindAll(connection => (inGroup is null || connection.IsIn(inGroup)) && connection.Matches(query));
        var pages = Math.Max(1, (matching.Count + RowsOfPage - 1) / RowsOfPage);
        var page = Math.Clamp(query.Page, 0, pages - 1);
        return new TablePage(
            matching.Count,
            page,
            pages,
            [.. TableOrder.Of(matching, query).Skip(page * RowsOfPage).Take(RowsOfPage).Select(Row.Of)],
            Endpoints());
    }

    public ConnectionSeen? Find(string id) => _connections.Find(connection => connection.Client.Id == id);

    public GroupDetail Group(string name)
    {
        var members = _connections.FindAll(connection => connection.IsIn(name));
        return new GroupDetail(
            name,
            members.Count,
            members.Select(member => member.Client.UserId).OfType<string>().Distinct().Count(),
            members.Sum(member => (long)member.Client.Statistics.QueuedMessages),
            members.Sum(member => member.Client.Statistics.QueuedBytes),
            members.Sum(member => member.Client.Statistics.MessagesDropped));
    }

    private IReadOnlyList<Named> Endpoints() =>
    [
        .. _connections.Select(connection => connection.Handshake?.Endpoint).OfType<string>().CountBy(endpoint => endpoint)
            .Select(count => new Named(count.Key, count.Value)).OrderBy(endpoint => endpoint.Name, StringComparer.Ordinal),
    ];
}
