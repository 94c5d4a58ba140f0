using System.Buffers;
using System.Globalization;

namespace WsPumps.History;

/// <summary>
/// Where a client is in the history of a group, as it is written into a string: <c>epoch.major</c> or <c>epoch.major-minor</c>.
/// </summary>
internal readonly record struct HistoryPosition(string Epoch, HistoryOffset Offset)
{
    private const int MaxEpochLength = 16;

    private static readonly SearchValues<char> EpochCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");

    /// <exception cref="ArgumentException">It is no position.</exception>
    public static HistoryPosition Parse(string position)
    {
        var dot = position.IndexOf('.', StringComparison.Ordinal);
        if (dot is < 1 or > MaxEpochLength || position.AsSpan(0, dot).ContainsAnyExcept(EpochCharacters))
            throw Malformed(position);

        var offset = position.AsSpan(dot + 1);
        var dash = offset.IndexOf('-');
        var minor = 0UL;
        if (dash >= 0 && !TryParse(offset[(dash + 1)..], out minor))
            throw Malformed(position);

        return TryParse(dash >= 0 ? offset[..dash] : offset, out var major)
            ? new HistoryPosition(position[..dot], new HistoryOffset(major, minor))
            : throw Malformed(position);
    }

    public override string ToString() => Offset.Minor == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Offset.Major}")
        : string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Offset.Major}-{Offset.Minor}");

    private static bool TryParse(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static ArgumentException Malformed(string position) =>
        new($"'{(position.Length > 100 ? position[..100] + "…" : position)}' is no position in a history; it is a string that Stamp or " +
            $"{nameof(HistoryResult)} has given.", nameof(position));
}
