using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace WsPumps.Docs.Tests;

/// <summary>The documentation comments of the library, as Markdown on one line.</summary>
internal static partial class XmlDocs
{
    private static readonly Dictionary<string, XElement> Members = new[] { typeof(ClientOptions).Assembly, typeof(WebSocketPumpsOptions).Assembly }
        .SelectMany(assembly => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        .ToDictionary(member => member.Attribute("name")!.Value);

    /// <returns>The text of the element; empty where there is none.</returns>
    public static string Of(PropertyInfo property, string element)
    {
        var text = Members.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}")?.Element(element);
        return text is null ? "" : Blanks().Replace(string.Concat(text.Nodes().Select(Render)), " ").Trim().Replace("|", @"\|", StringComparison.Ordinal);
    }

    private static string Render(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" or "seealso" } see => $"`{Target(see)}`",
        XElement { Name.LocalName: "paramref" } parameter => $"`{parameter.Attribute("name")!.Value}`",
        XElement element => string.Concat(element.Nodes().Select(Render)) + " ",
        _ => "",
    };

    /// <summary>A member by its type and name, one of the options by its name alone.</summary>
    private static string Target(XElement see)
    {
        if (see.Attribute("langword") is { } word)
            return word.Value;

        var reference = see.Attribute("cref")!.Value;
        var names = reference[2..].Split('(')[0].Split('.');
        var isOption = names.Length > 1 && names[^2] is nameof(ClientOptions) or nameof(WebSocketPumpsOptions);
        return reference[0] is 'T' || isOption ? names[^1] : $"{names[^2]}.{names[^1]}";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
