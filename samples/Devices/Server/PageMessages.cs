using System.Text.Json.Serialization;

namespace Devices.Server;

/// <summary>What the page asks for.</summary>
/// <param name="Command">The command.</param>
/// <param name="Device">To whom; null for all that are connected.</param>
internal sealed record PageCommand(string Command, string? Device = null);

/// <summary>What the pages are told: a device's state, or what became of a command.</summary>
internal sealed record PageNews(string Type, string Device)
{
    public double? Value { get; init; }

    public bool? Connected { get; init; }

    public string? Command { get; init; }

    /// <summary>sent, done, failed, late, lost or gone.</summary>
    public string? Outcome { get; init; }

    public string? Text { get; init; }

    /// <summary>Tells the commands apart.</summary>
    public long? Number { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PageCommand))]
[JsonSerializable(typeof(PageNews))]
internal sealed partial class PageJson : JsonSerializerContext;
