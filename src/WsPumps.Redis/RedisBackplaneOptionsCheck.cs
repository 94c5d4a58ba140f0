using StackExchange.Redis;

namespace WsPumps.Redis;

/// <summary>The ranges of <see cref="RedisBackplaneOptions"/>.</summary>
internal static class RedisBackplaneOptionsCheck
{
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static RedisBackplaneOptions Checked(RedisBackplaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = string.Join(' ', Failures(options));
        return failures.Length == 0 ? options.Clone() : throw new ArgumentException(failures, nameof(options));
    }

    /// <summary>The configuration for a connection of one's own.</summary>
    public static ConfigurationOptions ConfigurationOf(RedisBackplaneOptions options) =>
        options.ConfigurationOptions?.Clone() ?? StackExchange.Redis.ConfigurationOptions.Parse(options.Configuration);

    private static IEnumerable<string> Failures(RedisBackplaneOptions options)
    {
        if (options.ConfigurationOptions is null && options.Multiplexer is null && AddressFailure(options.Configuration) is { } failure)
            yield return failure;

        var (tenth, minute) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (options.ProbeInterval < tenth || options.ProbeInterval > minute)
            yield return $"{nameof(options.ProbeInterval)} must be from 100 ms to 1 minute, not {options.ProbeInterval}.";
        if (options.ProbeTimeout < tenth || options.ProbeTimeout > minute)
            yield return $"{nameof(options.ProbeTimeout)} must be from 100 ms to 1 minute, not {options.ProbeTimeout}.";
        if (options.MinBackoff < TimeSpan.FromMilliseconds(10) || options.MinBackoff > minute)
            yield return $"{nameof(options.MinBackoff)} must be from 10 ms to 1 minute, not {options.MinBackoff}.";
        if (options.MaxBackoff < options.MinBackoff || options.MaxBackoff > TimeSpan.FromMinutes(10))
        {
            yield return $"{nameof(options.MaxBackoff)} must be from {nameof(options.MinBackoff)} ({options.MinBackoff}) to 10 minutes, " +
                $"not {options.MaxBackoff}.";
        }

        if (options.MaxMessagesUnderWay is < 1 or > 1_000_000)
            yield return $"{nameof(options.MaxMessagesUnderWay)} must be from 1 to 1,000,000, not {options.MaxMessagesUnderWay}.";
        if (options.MaxBytesUnderWay is < 1024 or > 1L << 30)
            yield return $"{nameof(options.MaxBytesUnderWay)} must be from 1 KiB to 1 GiB, not {options.MaxBytesUnderWay}.";
    }

    private static string? AddressFailure(string configuration)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(configuration)
                && StackExchange.Redis.ConfigurationOptions.Parse(configuration).EndPoints.Count > 0
                ? null
                : $"{nameof(RedisBackplaneOptions.Configuration)} must name a server, such as 127.0.0.1:6379, not '{configuration}'.";
        }
        catch (ArgumentException exception)
        {
            // Not quoted whole: it may hold a password.
            return $"{nameof(RedisBackplaneOptions.Configuration)} cannot be read: {exception.Message}";
        }
    }
}
