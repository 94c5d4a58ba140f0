using System.Text.Json.Serialization;

namespace WsPumps.Dashboard;

/// <summary>What the page says: one of the two.</summary>
/// <param name="Search">Which connections it wants to see.</param>
/// <param name="Kick">The id of a connection to close.</param>
internal sealed record FromPage(string? Search, string? Kick);

/// <summary>What the page is told each second.</summary>
/// <param name="At">Milliseconds on the clock of the server, to make rates of sums.</param>
/// <param name="Connections">Connections that are open, those of dashboards left out.</param>
/// <param name="Draining">Whether the server drains.</param>
/// <param name="Totals">The sums of the application.</param>
/// <param name="RoundTrip">The median of the connections' round-trip times, in milliseconds; null where none is known.</param>
/// <param name="Endings">How many connections have ended, by their ending.</param>
/// <param name="Matching">How many connections match the search.</param>
/// <param name="Rows">Some of them: those with the fullest queues, then the newest.</param>
internal sealed record ToPage(
    double At, int Connections, bool Draining, PumpsTotals Totals, double? RoundTrip, IReadOnlyDictionary<string, long> Endings,
    int Matching, IReadOnlyList<Row> Rows);

/// <summary>One connection in the table. Times in seconds, the round trip in milliseconds.</summary>
internal sealed record Row(
    string Id, string? User, IReadOnlyCollection<string> Groups, double? Age, double? RoundTrip, int QueuedMessages, long QueuedBytes,
    long Sent, long Received, long Dropped)
{
    public static Row Of(ClientSnapshot client) => new(
        client.Id,
        client.UserId,
        client.Groups,
        client.Age?.TotalSeconds,
        client.Statistics.RoundTripTime?.TotalMilliseconds,
        client.Statistics.QueuedMessages,
        client.Statistics.QueuedBytes,
        client.Statistics.MessagesSent,
        client.Statistics.MessagesReceived,
        client.Statistics.MessagesDropped);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FromPage))]
[JsonSerializable(typeof(ToPage))]
internal sealed partial class DashboardJson : JsonSerializerContext;
