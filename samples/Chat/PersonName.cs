using System.Globalization;
using System.Text;

namespace Chat;

/// <summary>Names come from strangers: one line, of bounded length, without characters that hide or turn the text around them.</summary>
internal static class PersonName
{
    private const int MaxLength = 24;

    public static string Clean(string? name)
    {
        var clean = new StringBuilder();
        foreach (var rune in (name ?? "").EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxLength)
                break;

            if (Rune.IsWhiteSpace(rune))
                AppendSpace(clean);
            else if (IsVisible(rune))
                clean.Append(rune.ToString());
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>The name itself, or with the first number that makes it one nobody has.</summary>
    public static string MakeUnique(string name, IReadOnlySet<string> taken)
    {
        var unique = name;
        for (var number = 2; taken.Contains(unique); number++)
            unique = $"{name} {number}";
        return unique;
    }

    private static void AppendSpace(StringBuilder clean)
    {
        if (clean.Length > 0 && clean[^1] != ' ')
            clean.Append(' ');
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
