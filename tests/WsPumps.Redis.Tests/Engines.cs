using Microsoft.Extensions.Logging.Abstractions;

namespace WsPumps.Redis.Tests;

internal static class Engines
{
    public static RedisBackplane Of(string address, Action<RedisBackplaneOptions>? configure = null)
    {
        var options = new RedisBackplaneOptions { Configuration = address };
        configure?.Invoke(options);
        return new RedisBackplane(options, NullLogger<RedisBackplane>.Instance);
    }
}
