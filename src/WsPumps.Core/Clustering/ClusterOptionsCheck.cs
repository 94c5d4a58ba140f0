using System.Globalization;
using System.Text.RegularExpressions;

namespace WsPumps.Clustering;

/// <summary>The ranges of <see cref="ClusterOptions"/>.</summary>
internal static partial class ClusterOptionsCheck
{
    /// <returns>A copy, which the caller of the constructor can no longer change.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    public static ClusterOptions Checked(ClusterOptions options)
    {
        var failures = string.Join(' ', Failures(options));
        return failures.Length == 0 ? options.Clone() : throw new ArgumentException(failures, nameof(options));
    }

    public static IEnumerable<string> Failures(ClusterOptions options)
    {
        foreach (var (name, value) in new[]
        {
            (nameof(options.ApplicationName), options.ApplicationName),
            (nameof(options.ChannelPrefix), options.ChannelPrefix),
            (nameof(options.NodeName), options.NodeName),
        })
        {
            if (value is not { Length: > 0 and <= 100 })
                yield return $"{name} must have 1 to 100 characters, not '{value}'.";
        }

        if (options.ChannelPrefix is { } prefix && !Prefix().IsMatch(prefix))
            yield return $"{nameof(options.ChannelPrefix)} must consist of letters, digits, '-', '_' and ':', not '{prefix}'.";

        var failures = new[]
        {
            Range(nameof(options.GroupChannels), options.GroupChannels, 1, 1024),
            Range(nameof(options.UserChannels), options.UserChannels, 1, 1024),
            Range(nameof(options.InterestLinger), options.InterestLinger, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Range(nameof(options.MaxOutboxMessages), options.MaxOutboxMessages, 1, 1_000_000),
            Range(nameof(options.MaxOutboxBytes), options.MaxOutboxBytes, 1024L, 1L << 30),
            Range(nameof(options.MaxOutboxAge), options.MaxOutboxAge, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            Range(nameof(options.HeartbeatInterval), options.HeartbeatInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            Range(nameof(options.NodeTimeout), options.NodeTimeout, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(10)),
            Range(nameof(options.ProbeInterval), options.ProbeInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            Range(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            Range(nameof(options.MaxPresenceNames), options.MaxPresenceNames, 1, 1_000_000),
        };
        foreach (var failure in failures)
        {
            if (failure is not null)
                yield return failure;
        }

        if (options.NodeTimeout < 2 * options.HeartbeatInterval)
        {
            yield return $"{nameof(options.NodeTimeout)} ({options.NodeTimeout}) must be at least twice " +
                $"{nameof(options.HeartbeatInterval)} " +
                $"({options.HeartbeatInterval}), or one late heartbeat makes a server count as gone.";
        }
    }

    private static string? Range<T>(string name, T value, T least, T most)
        where T : IComparable<T>, IFormattable =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{name} must be from {least} to {most}, not {value}.");

    [GeneratedRegex("^[A-Za-z0-9_:-]*$")]
    private static partial Regex Prefix();
}
