using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WsPumps;
using WsPumps.Dashboard;
using WsPumps.Endpoints;
using WsPumps.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what WebSocket endpoints need.</summary>
public static class WebSocketPumpsServiceCollectionExtensions
{
    /// <summary>
    /// Registers the options, a <see cref="Manager"/> and a <see cref="Broadcaster"/> of it, the <see cref="WebSocketPumpsNode"/>, the
    /// <see cref="PumpsMetrics"/>,
    /// and the service that drains when the host stops. The manager is also the <see cref="IManager"/>, unless one is registered already.
    /// Calling it again adds to the options and changes nothing else.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Changes the options. They are checked when the host starts.</param>
    /// <returns>A builder, to add more: <c>Configure</c> reads the options from a configuration section.</returns>
    public static IWebSocketPumpsBuilder AddWebSocketPumps(this IServiceCollection services,
        Action<WebSocketPumpsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        var options = services.AddOptions<WebSocketPumpsOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<WebSocketPumpsOptions>, OptionsValidator>());
        services.AddMetrics();
        services.TryAddSingleton<PumpsMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, TokenStartupFilter>());
        services.TryAddSingleton(ApplicationManager.Create);
        services.TryAddSingleton<IManager>(provider => provider.GetRequiredService<Manager>());
        services.TryAddSingleton(provider => provider.GetService<Cluster>() is { } cluster
            ? cluster.CreateBroadcaster(provider.GetRequiredService<Manager>())
            : new Broadcaster(provider.GetRequiredService<Manager>()));
        services.TryAddSingleton<PumpsServer>();
        services.TryAddSingleton<DashboardRecorder>();
        services.TryAddSingleton<WebSocketPumpsNode>(provider => new WebSocketPumpsNode(provider.GetRequiredService<PumpsServer>()));
        services.AddHostedService<PumpsHostedService>();
        services.AddHostedService<EndpointChecks>();
        NotingListenerFactory.Decorate(services);
        return new PumpsBuilder(services);
    }
}
