using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace WsPumps.Docs.Tests;

/// <summary>The tables of <c>docs/options.md</c>, made from the types and their documentation comments.</summary>
internal static partial class OptionsReference
{
    /// <summary>All that can be set of a type, with the options inside of options, as they are named in a configuration.</summary>
    public static IEnumerable<Option> OptionsOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .SelectMany(property =>
            property.SetMethod is { IsPublic: true } || IsList(property.PropertyType) ? [new Option(property.Name, property)]
            : property.PropertyType.Namespace == type.Namespace ? OptionsOf(property.PropertyType).Select(inner => inner with { Name = $"{property.Name}.{inner.Name}", Holder = property })
            : []);

    public static string Table(IEnumerable<Option> options)
    {
        var table = new StringBuilder("| option | default | range | meaning |\n|---|---|---|---|\n");
        foreach (var (name, property, _) in options)
        {
            var (range, preset) = Split(XmlDocs.Of(property, "value"));
            table.Append($"| `{name}` | {preset} | {(range.Length > 0 ? range : RangeOf(property.PropertyType))} | {XmlDocs.Of(property, "summary")} |\n");
        }

        return table.ToString();
    }

    /// <summary>A value is documented as its range, then "Default: " and a sentence, then what else there is to say about the range.</summary>
    public static (string Range, string Default) Split(string value)
    {
        if (Value().Match(value) is not { Success: true } match)
            return (value, "");

        var isNull = match.Groups["null"].Success ? "null: " : "";
        return ($"{match.Groups["range"].Value.Trim()} {match.Groups["more"].Value}".Trim(), isNull + match.Groups["default"].Value);
    }

    private static bool IsList(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>);

    private static string RangeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`")) : type == typeof(bool) ? "true, false" : "";
    }

    [GeneratedRegex(@"^(?<range>.*?)Default(?<null> \(null\))?: (?<default>.*?)(\. (?<more>.*)|\.)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Value();
}
