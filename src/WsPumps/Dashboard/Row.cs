using System.Text.Json.Serialization;

namespace WsPumps.Dashboard;

/// <summary>One connection in the table. Times in seconds, the round trip in milliseconds; of many groups only the first.</summary>
internal sealed record Row(
    string Id, string? User, string? Endpoint, string? Address, IReadOnlyCollection<string> Groups, int GroupCount, double? Age,
    double? RoundTrip, int QueuedMessages, long QueuedBytes, long Sent, long Received, long Dropped, string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? UnansweredFor)
{
    private const int MaxGroups = 8;

    public static Row Of(ConnectionSeen seen)
    {
        var (client, statistics) = (seen.Client, seen.Client.Statistics);
        return new Row(
            client.Id,
            client.UserId,
            seen.Handshake?.Endpoint,
            seen.Handshake?.Address,
            client.Groups.Count > MaxGroups ? [.. client.Groups.Order(StringComparer.Ordinal).Take(MaxGroups)] : client.Groups,
            client.Groups.Count,
            client.Age?.TotalSeconds,
            statistics.RoundTripTime?.TotalMilliseconds,
            statistics.QueuedMessages,
            statistics.QueuedBytes,
            statistics.MessagesSent,
            statistics.MessagesReceived,
            statistics.MessagesDropped,
            seen.State,
            (int?)seen.UnansweredFor?.TotalSeconds);
    }
}
