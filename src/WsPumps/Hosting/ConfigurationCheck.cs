using Microsoft.Extensions.Configuration;

namespace WsPumps.Hosting;

/// <summary>Finds what was mistyped in the configuration, which would leave defaults in place without a word.</summary>
internal static class ConfigurationCheck
{
    /// <param name="section">Where the options are read from.</param>
    /// <param name="bind">Reads them.</param>
    /// <exception cref="InvalidOperationException">There is nothing in it, or something in it is no option.</exception>
    public static void Read(IConfiguration section, Action bind)
    {
        var name = section is IConfigurationSection { Path: var path } ? $"section '{path}'" : "given";
        ThrowIfEmpty(section, name);
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

    /// <summary>There is no section of a name that was mistyped.</summary>
    private static void ThrowIfEmpty(IConfiguration section, string name)
    {
        if (section.GetChildren().Any())
            return;

        throw new InvalidOperationException($"The configuration {name} for WebSocket pumps is missing or empty, so the defaults would be " +
            "used without a word. Check its name, or do not read the options from it.");
    }
}
