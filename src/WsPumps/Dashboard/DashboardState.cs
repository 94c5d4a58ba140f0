using System.Collections.Concurrent;
using WsPumps.Hosting;

namespace WsPumps.Dashboard;

/// <summary>How things stand at one moment: gathered once for all viewers, and no more of it than somebody looks at.</summary>
internal sealed class DashboardState(PumpsServer server, DashboardRecorder recorder, Cluster? cluster, Broadcaster own)
{
    private const int MaxEvents = 200;
    private const int MaxGroups = 200;

    /// <summary>A page that is slow is told the newest state only.</summary>
    private static readonly MessageOptions Newest = new() { ConflationKey = "state", SlowClientPolicy = SlowClientPolicy.Conflate };

    private readonly ConcurrentDictionary<Query, PreparedMessage> _answers = new();
    private readonly Lazy<ConnectionTable> _table = new(() => new ConnectionTable(server, recorder.Connections, own));

    /// <summary>Made once for all viewers that look at the same.</summary>
    public PreparedMessage For(Query query) => _answers.GetOrAdd(query, static (query, state) =>
        PreparedMessage.Json(state.Answer(query), DashboardJson.Default.StateMessage).With(Newest), this);

    private StateMessage Answer(Query query)
    {
        var state = new StateMessage(
            server.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            server.Metrics.ActiveConnections,
            server.IsDraining,
            server.ClientMetrics.Totals,
            recorder.History.Newest?.RoundTrip,
            server.Metrics.Endings.ToDictionary(ending => ending.Key, ending => new EndingCount(ending.Value, Severity.Of(ending.Key))),
            recorder.History.Newest,
            cluster is not null)
        {
            Query = query,
        };
        var name = query.Name ?? "";
        return query.View switch
        {
            "connection" => state with { Connection = ConnectionDetail.Of(name, _table.Value.Find(name), recorder.Connections) },
            "group" => state with { Group = _table.Value.Group(name), Table = _table.Value.Page(query, inGroup: name) },
            "groups" => state with { Groups = Groups(query.Search ?? "") },
            "node" => state with { Node = NodeFigures.Take(server, recorder.History.Newest) },
            "log" => state with { Log = Events(query.Search ?? "") },
            "cluster" => cluster is null ? state : state with { Cluster = ClusterFigures.Of(cluster, server.Time.GetUtcNow()) },
            _ => state with { Table = _table.Value.Page(query) },
        };
    }

    /// <summary>The newest first.</summary>
    private IReadOnlyList<ConnectionEvent> Events(string search) =>
    [
        .. recorder.Connections.Log.ToArray().Reverse()
            .Where(happened => Has(happened.Connection, search) || Has(happened.User, search) || Has(happened.Text, search)
                || Has(happened.Kind, search))
            .Take(MaxEvents),
    ];

    /// <summary>The largest first.</summary>
    private IReadOnlyList<Named> Groups(string search) =>
    [
        .. server.Broadcasters.All.Where(broadcaster => broadcaster != own)
            .SelectMany(broadcaster => broadcaster.GroupNames.Where(name => Has(name, search))
                .Select(name => new Named(name, broadcaster.Group(name).Local.Count)))
            .OrderByDescending(group => group.Count).ThenBy(group => group.Name, StringComparer.Ordinal).Take(MaxGroups),
    ];

    private static bool Has(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) is true;
}
