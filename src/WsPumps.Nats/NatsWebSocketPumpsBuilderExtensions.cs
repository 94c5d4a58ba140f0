using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects the servers of an application over NATS.</summary>
public static class NatsWebSocketPumpsBuilderExtensions
{
    /// <summary>Lets broadcasts, closes and queries reach the clients of all servers over NATS.</summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="url">Where NATS is, see <see cref="NatsBackplaneOptions.Url"/>.</param>
    /// <param name="configure">Changes the options of the cluster.</param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder AddNats(this IWebSocketPumpsBuilder builder, string url,
        Action<ClusterOptions>? configure = null) =>
        builder.AddNats(options => options.Url = url, configure);

    /// <summary>Lets broadcasts, closes and queries reach the clients of all servers over NATS.</summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="nats">Sets how NATS is reached.</param>
    /// <param name="configure">Changes the options of the cluster.</param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder AddNats(this IWebSocketPumpsBuilder builder, Action<NatsBackplaneOptions> nats,
        Action<ClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(nats);

        builder.Services.Configure(nats);
        return builder.AddBackplane(
            provider => new NatsBackplane(
                provider.GetRequiredService<IOptions<NatsBackplaneOptions>>().Value,
                provider.GetRequiredService<ILogger<NatsBackplane>>(),
                provider.GetService<TimeProvider>()),
            configure);
    }
}
