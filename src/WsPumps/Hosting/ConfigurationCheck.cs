using Microsoft.Extensions.Configuration;

namespace WsPumps.Hosting;

/// <summary>Finds what was mistyped in the configuration, which would leave defaults in place without a word.</summary>
internal static class ConfigurationCheck
{
    private static readonly (string Option, string Wanted)[] OfSeveralValues =
    [
        (nameof(WebSocketPumpsOptions.AllowedOrigins), "a list, even for one origin, as in [\"https://app.example\"]"),
        (nameof(WebSocketPumpsOptions.SubProtocols), "a list, even for one name, as in [\"v1\"]"),
        (nameof(WebSocketPumpsOptions.Drain), "a section with options of its own, as in { \"Timeout\": \"00:00:20\" }"),
        (nameof(WebSocketPumpsOptions.Compression), "a section with options of its own, as in { \"Threshold\": 1024 }"),
    ];

    /// <param name="section">Where the options are read from.</param>
    /// <param name="bind">Reads them.</param>
    /// <exception cref="InvalidOperationException">
    /// There is nothing in it, something in it is no option, or a single value is where several belong.
    /// </exception>
    public static void Read(IConfiguration section, Action bind)
    {
        var name = section is IConfigurationSection { Path: var path } ? $"section '{path}'" : "given";
        ThrowIfEmpty(section, name);
        ThrowIfSingleValue(section, name);
        try
        {
            bind();
        }
        catch (InvalidOperationException exception)
        {
            throw new InvalidOperationException($"The configuration {name} cannot be read as options of WebSocket pumps. Each name in it " +
                $"must be that of an option, and each value must fit. {exception.Message}", exception);
        }
    }

    /// <summary>What reads a list looks for its items, and finds none.</summary>
    private static void ThrowIfSingleValue(IConfiguration section, string name)
    {
        foreach (var (option, wanted) in OfSeveralValues)
        {
            // The JSON of an empty list is an empty value.
            if (section[option] is { Length: > 0 } value)
            {
                throw new InvalidOperationException($"The configuration {name} cannot be read as options of WebSocket pumps: '{option}' " +
                    $"is '{value}'; it must be {wanted}.");
            }
        }
    }

    /// <summary>There is no section of a name that was mistyped.</summary>
    private static void ThrowIfEmpty(IConfiguration section, string name)
    {
        if (section.GetChildren().Any())
            return;

        throw new InvalidOperationException($"The configuration {name} for WebSocket pumps is missing or empty, so the defaults would be " +
            "used without a word. Check its name, or do not read the options from it.");
    }
}
