using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace WsPumps.Docs.Tests;

/// <summary>The tables of <c>docs/options.md</c>, made from the types and their documentation comments.</summary>
internal static partial class OptionsReference
{
    /// <summary>All that can be set, those of the derived type first.</summary>
    public static IEnumerable<PropertyInfo> OptionsOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true } || property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IList<>));

    public static string Table(IEnumerable<PropertyInfo> options)
    {
        var table = new StringBuilder("| option | default | range | meaning |\n|---|---|---|---|\n");
        foreach (var option in options)
        {
            var (range, preset) = Split(XmlDocs.Of(option, "value"));
            table.Append($"| `{option.Name}` | {preset} | {(range.Length > 0 ? range : RangeOf(option.PropertyType))} | {XmlDocs.Of(option, "summary")} |\n");
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

    private static string RangeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? string.Join(", ", Enum.GetNames(type).Select(name => $"`{name}`")) : type == typeof(bool) ? "true, false" : "";
    }

    [GeneratedRegex(@"^(?<range>.*?)Default(?<null> \(null\))?: (?<default>.*?)(\. (?<more>.*)|\.)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Value();
}
