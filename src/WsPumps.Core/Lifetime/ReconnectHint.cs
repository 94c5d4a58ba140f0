using System.Globalization;

namespace WsPumps.Lifetime;

/// <summary>Says at the end of a close reason when to come back: at random, so that those who were closed together do not.</summary>
internal static class ReconnectHint
{
    /// <summary>Within what time those come back who are not told by a drain.</summary>
    public static readonly TimeSpan DefaultWithin = TimeSpan.FromSeconds(2);

    /// <returns>The text with the hint behind it.</returns>
    public static string After(string text, TimeSpan within)
    {
        var delay = Random.Shared.NextInt64((long)within.TotalMilliseconds + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{text}{(text.Length == 0 ? "" : "; ")}reconnect after {delay} ms");
    }
}
