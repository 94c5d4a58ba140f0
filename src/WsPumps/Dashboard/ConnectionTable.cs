using System.Collections.Concurrent;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>All connections at one moment, as the page shows them.</summary>
internal sealed class ConnectionTable
{
    private const int MaxRows = 100;

    /// <summary>A page that is slow is told the newest state only.</summary>
    private static readonly MessageOptions Newest = new() { ConflationKey = "state", SlowClientPolicy = SlowClientPolicy.Conflate };

    private readonly ConcurrentDictionary<string, PreparedMessage> _answers = new(StringComparer.OrdinalIgnoreCase);
    private readonly PumpsServer _server;
    private readonly List<ClientSnapshot> _clients;
    private readonly double? _roundTrip;

    /// <param name="server">The application.</param>
    /// <param name="own">The broadcaster of the dashboard's own connections, which are left out.</param>
    public ConnectionTable(PumpsServer server, Broadcaster own)
    {
        _server = server;
        _clients = [.. server.Broadcasters.All.Where(broadcaster => broadcaster != own)
            .SelectMany(broadcaster => broadcaster.All.Local.Snapshot())];
        var roundTrips = _clients.Select(client => client.Statistics.RoundTripTime?.TotalMilliseconds).OfType<double>().Order().ToList();
        _roundTrip = roundTrips.Count > 0 ? roundTrips[roundTrips.Count / 2] : null;
    }

    /// <summary>Made once for all viewers that search for the same.</summary>
    public PreparedMessage For(string search) => _answers.GetOrAdd(search, static (search, table) =>
        PreparedMessage.Json(table.Search(search), DashboardJson.Default.ToPage).With(Newest), this);

    private ToPage Search(string search)
    {
        var matching = search.Length == 0 ? _clients : _clients.FindAll(client => Matches(client, search));
        var rows = matching.OrderByDescending(client => client.Statistics.QueuedBytes).ThenBy(client => client.Age).Take(MaxRows)
            .Select(Row.Of);
        return new ToPage(
            _server.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            _clients.Count,
            _server.IsDraining,
            _server.ClientMetrics.Totals,
            _roundTrip,
            _server.Metrics.Endings,
            matching.Count,
            [.. rows]);
    }

    private static bool Matches(ClientSnapshot client, string search) =>
        client.Id.Contains(search, StringComparison.OrdinalIgnoreCase)
        || client.UserId?.Contains(search, StringComparison.OrdinalIgnoreCase) is true
        || client.Groups.Any(group => group.Contains(search, StringComparison.OrdinalIgnoreCase));
}
