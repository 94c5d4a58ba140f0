using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ticker;

/// <param name="Symbol">What it is the price of.</param>
/// <param name="Value">The price.</param>
/// <param name="Time">When it was made, in milliseconds since 1970: a page sees how old it is when it comes.</param>
internal sealed record Price(string Symbol, decimal Value, long Time)
{
    public string Type { get; } = "price";
}

/// <summary>What the server knows about one connection of a page. Goes over the page's fast connection.</summary>
/// <param name="Panel">Which connection.</param>
/// <param name="Queued">Messages that wait for it.</param>
/// <param name="Sent">Messages that were handed to its transport.</param>
/// <param name="Replaced">Messages whose place a newer one of the same symbol took.</param>
/// <param name="Lost">Messages that were dropped otherwise.</param>
internal sealed record Statistics(string Panel, int Queued, long Sent, long Replaced, long Lost)
{
    public string Type { get; } = "statistics";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Price))]
[JsonSerializable(typeof(Statistics))]
internal sealed partial class TickerJson : JsonSerializerContext;
