using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using WsPumps;

namespace ClusterSample;

/// <summary>What goes between page and server, as JSON.</summary>
internal static class Messages
{
    private const int MaxText = 500;

    public static PreparedMessage Welcome(string server) => Of(new { type = "welcome", server });

    public static PreparedMessage Joined(HistoryResult result) => Of(new { type = "joined", status = result.Status.ToString(), replayed = result.Replayed });

    public static PreparedMessage Said(string server, string text) => Of(new { type = "said", server, text });

    /// <summary>The same message, with its place in the history.</summary>
    public static PreparedMessage WithPosition(PreparedMessage message, string position)
    {
        var json = JsonNode.Parse(message.Payload.Span)!.AsObject();
        json["position"] = position;
        return PreparedMessage.Text(json.ToJsonString());
    }

    /// <returns>Null when it is none.</returns>
    public static string? TextOf(Message message)
    {
        var text = message.GetText().Trim();
        return text.Length is 0 or > MaxText ? null : text;
    }

    private static PreparedMessage Of<T>(T value) => PreparedMessage.Text(Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(value)));
}
