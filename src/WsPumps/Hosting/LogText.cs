using System.Globalization;
using System.Text;

namespace WsPumps.Hosting;

/// <summary>Text that came from a peer, as it may stand in a log: cut, and without what a terminal would take for a command.</summary>
internal static class LogText
{
    private const int MaxLength = 200;

    public static string Of(string text)
    {
        if (text.Length <= MaxLength && !NeedsEscape(text))
            return text;

        var safe = new StringBuilder(MaxLength);
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            if (IsSafe(character))
                safe.Append(character);
            else
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
        }

        return text.Length > MaxLength ? safe.Append('…').ToString() : safe.ToString();
    }

    private static bool NeedsEscape(string text)
    {
        foreach (var character in text)
        {
            if (!IsSafe(character))
                return true;
        }

        return false;
    }

    /// <summary>Also what changes the direction of writing can make a line look like another.</summary>
    private static bool IsSafe(char character) => char.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate);
}
