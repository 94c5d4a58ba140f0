using NATS.Client.Core;

namespace WsPumps.Nats;

/// <summary>Why NATS cannot be reached, and at which address, without the user, password or token that a URL may have.</summary>
internal static class NatsFailure
{
    private const int DefaultPort = 4222;

    /// <param name="failure">What the attempt to connect threw.</param>
    /// <param name="urls">As in the options: one, or more separated by commas.</param>
    /// <returns>A few words without a full stop.</returns>
    public static string TextOf(Exception failure, string urls)
    {
        // Without a cause, the driver's own text has nothing but the URLs.
        var cause = failure.InnerException ?? (failure is NatsException ? null : failure);
        return $"no connection to {AddressesOf(urls)}" + (cause is null ? "" : $" ({cause.Message.TrimEnd('.')})");
    }

    public static string AddressesOf(string urls) => string.Join(", ", urls.Split(',').Select(url => AddressOf(url.Trim())));

    private static string AddressOf(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + "://".Length : 0;
        start = Math.Max(start, url.LastIndexOf('@') + 1);
        var end = url.IndexOf('/', start);
        var address = end < 0 ? url[start..] : url[start..end];
        var hasPort = address.LastIndexOf(':') > address.LastIndexOf(']');
        return hasPort || address.Length == 0 ? address : $"{address}:{DefaultPort}";
    }
}
