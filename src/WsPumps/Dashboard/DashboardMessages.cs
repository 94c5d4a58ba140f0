using System.Text.Json.Serialization;

namespace WsPumps.Dashboard;

/// <summary>What the page says: one of them.</summary>
/// <param name="Show">What it wants to be told from now on.</param>
/// <param name="Kick">The client to close.</param>
/// <param name="Find">The user or client to look for on all servers.</param>
internal sealed record FromPage(Query? Show, Target? Kick, Target? Find);

/// <summary>Connections, by what they have in common.</summary>
/// <param name="Kind">connection, user or group.</param>
/// <param name="Name">Its id or name.</param>
internal sealed record Target(string Kind, string Name);

/// <summary>What the page is told each second.</summary>
/// <param name="At">Milliseconds on the clock of the server, to make rates of sums.</param>
/// <param name="Connections">Connections that are open, those of dashboards left out.</param>
/// <param name="Draining">Whether the server drains.</param>
/// <param name="Totals">The sums of the application.</param>
/// <param name="RoundTrip">The median of the connections' round-trip times, in milliseconds; null where none is known.</param>
/// <param name="Endings">How many connections have ended, by their ending.</param>
/// <param name="Sample">The newest point of the history.</param>
/// <param name="HasCluster">Whether there are other servers to ask.</param>
/// <param name="Type">Tells the messages apart.</param>
internal sealed record StateMessage(
    double At, int Connections, bool Draining, PumpsTotals Totals, double? RoundTrip, IReadOnlyDictionary<string, EndingCount> Endings,
    Sample? Sample, bool HasCluster, string Type = "state")
{
    /// <summary>The query that this answers.</summary>
    public required Query Query { get; init; }

    public TablePage? Table { get; init; }

    public ConnectionDetail? Connection { get; init; }

    public GroupDetail? Group { get; init; }

    public IReadOnlyList<Named>? Groups { get; init; }

    public NodeFigures? Node { get; init; }

    public IReadOnlyList<ConnectionEvent>? Log { get; init; }

    public ClusterFigures? Cluster { get; init; }
}

/// <summary>The last hour. Told once, and continued by the samples of the states.</summary>
internal sealed record HistoryMessage(IReadOnlyList<Sample> Samples, double PeriodSeconds, string Type = "history");

/// <summary>What became of a kick.</summary>
/// <param name="Target">Who was to be closed.</param>
/// <param name="Closed">How many connections were.</param>
/// <param name="Missing">The servers that have not answered.</param>
/// <param name="Type">Tells the messages apart.</param>
internal sealed record KickedMessage(Target Target, int Closed, IReadOnlyList<string> Missing, string Type = "kicked");

/// <summary>Who was found on all servers.</summary>
/// <param name="Target">Who was looked for.</param>
/// <param name="Clients">The connections, of each server a hundred at most.</param>
/// <param name="More">The servers that have more of them.</param>
/// <param name="Missing">The servers that have not answered.</param>
/// <param name="Type">Tells the messages apart.</param>
internal sealed record FoundMessage(
    Target Target, IReadOnlyList<FoundClient> Clients, IReadOnlyList<string> More, IReadOnlyList<string> Missing, string Type = "found");

/// <summary>A connection of some server.</summary>
internal sealed record FoundClient(
    string Node, string Id, string? User, IReadOnlyCollection<string> Groups, double? Age, int QueuedMessages);

/// <summary>How many connections have ended in one way, and how bad it is.</summary>
internal sealed record EndingCount(long Count, string Severity);

/// <summary>A name, and how many connections it has.</summary>
internal sealed record Named(string Name, int Count);

/// <summary>A page of the table, the first is 0.</summary>
internal sealed record TablePage(int Matching, int Page, int Pages, IReadOnlyList<Row> Rows, IReadOnlyList<Named> Endpoints);

/// <summary>A group, as far as this server knows it.</summary>
internal sealed record GroupDetail(string Name, int Members, int Users, long QueuedMessages, long QueuedBytes, long Dropped);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FromPage))]
[JsonSerializable(typeof(StateMessage))]
[JsonSerializable(typeof(HistoryMessage))]
[JsonSerializable(typeof(KickedMessage))]
[JsonSerializable(typeof(FoundMessage))]
internal sealed partial class DashboardJson : JsonSerializerContext;
