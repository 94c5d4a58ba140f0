using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps;
using WsPumps.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects the servers of an application over Redis.</summary>
public static class RedisWebSocketPumpsBuilderExtensions
{
    /// <summary>
    /// Lets broadcasts, closes and queries reach the clients of all servers over Redis, and lets servers share the histories of groups.
    /// </summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="configuration">Where Redis is, see <see cref="RedisBackplaneOptions.Configuration"/>.</param>
    /// <param name="configure">Changes the options of the cluster.</param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder AddRedis(this IWebSocketPumpsBuilder builder, string configuration,
        Action<ClusterOptions>? configure = null) =>
        builder.AddRedis(options => options.Configuration = configuration, configure);

    /// <summary>
    /// Lets broadcasts, closes and queries reach the clients of all servers over Redis, and lets servers share the histories of groups.
    /// </summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="redis">Sets how Redis is reached.</param>
    /// <param name="configure">Changes the options of the cluster.</param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder AddRedis(this IWebSocketPumpsBuilder builder, Action<RedisBackplaneOptions> redis,
        Action<ClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(redis);

        builder.Services.Configure(redis);
        builder.Services.TryAddSingleton(provider => new RedisBackplane(
            provider.GetRequiredService<IOptions<RedisBackplaneOptions>>().Value,
            provider.GetRequiredService<ILogger<RedisBackplane>>(),
            provider.GetService<TimeProvider>()));
        builder.Services.TryAddSingleton<IHistoryStore>(provider =>
        {
            var engine = provider.GetRequiredService<RedisBackplane>();
            var cluster = provider.GetRequiredService<IOptions<ClusterOptions>>().Value;
            return new RedisHistoryStore(() => engine.Database, $"{cluster.ChannelPrefix}:{cluster.ApplicationName}");
        });
        return builder.AddBackplane(provider => provider.GetRequiredService<RedisBackplane>(), configure);
    }
}
