using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps;
using WsPumps.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects the servers of an application.</summary>
public static class WebSocketPumpsClusterBuilderExtensions
{
    /// <summary>
    /// Registers a <see cref="Cluster"/> over an engine, and has the <see cref="Broadcaster"/> of the application reach the clients of all
    /// servers. <c>AddRedis</c> and
    /// <c>AddNats</c> of the packages with engines call it.
    /// </summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="backplane">Makes the engine. The cluster starts it with the host, and disposes of it.</param>
    /// <param name="configure">
    /// Changes the options. The name of the application is that of the host's environment unless it is changed here.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The application already has an engine.</exception>
    public static IWebSocketPumpsBuilder AddBackplane(
        this IWebSocketPumpsBuilder builder, Func<IServiceProvider, IBackplane> backplane, Action<ClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(backplane);

        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(Cluster)))
        {
            throw new InvalidOperationException("The application has a cluster with an engine already, and it can have one only. Take " +
                "one of the two calls out.");
        }

        services.AddOptions<ClusterOptions>().Configure<IHostEnvironment>(static (options, environment) => options.ApplicationName =
            environment.ApplicationName);
        if (configure is not null)
            services.Configure(configure);
        services.AddSingleton(provider => new Cluster(backplane(provider), new ClusterSettings
        {
            Options = provider.GetRequiredService<IOptions<ClusterOptions>>().Value,
            History = provider.GetService<IHistoryStore>(),
            TimeProvider = provider.GetService<TimeProvider>(),
            Logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger("WsPumps"),
            MeterFactory = provider.GetService<IMeterFactory>(),
        }));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ClusterHostedService>());
        return builder;
    }
}
