using Microsoft.Extensions.Configuration;

namespace WsPumps.Hosting;

/// <summary>
/// Finds a configuration section whose name was mistyped: there is none of that name, and the defaults would be used without a word.
/// </summary>
internal static class ConfigurationCheck
{
    /// <exception cref="InvalidOperationException">There is nothing in it.</exception>
    public static void ThrowIfEmpty(IConfiguration section)
    {
        if (section.GetChildren().Any())
            return;

        var name = section is IConfigurationSection { Path: var path } ? $"section '{path}'" : "given";
        throw new InvalidOperationException($"The configuration {name} for WebSocket pumps is missing or empty, so the defaults would be " +
            "used without a word. " +
            "Check its name, or do not read the options from it.");
    }
}
