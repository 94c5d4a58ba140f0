using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WsPumps;
using WsPumps.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers clients that come back.</summary>
public static class ReconnectingClientServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="ReconnectingClient"/>, which begins to connect when the host starts, without holding it up, and is closed
    /// when it stops. Clock, logger and metrics are those of the application, unless the options say otherwise.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="address">Where to connect to.</param>
    /// <param name="configure">Changes the options. Called once, when the client is made.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddReconnectingClient(
        this IServiceCollection services, Uri address, Action<IServiceProvider, ReconnectingClientOptions>? configure = null)
    {
        AddShared(services, address);
        services.AddSingleton(provider => Create(provider, address, configure));
        services.AddSingleton<IHostedService>(static provider =>
            new ReconnectingClientService(provider.GetRequiredService<ReconnectingClient>()));
        return services;
    }

    /// <summary>
    /// Registers one of several clients, with the name as its key: <c>[FromKeyedServices("name")] ReconnectingClient client</c>.
    /// </summary>
    /// <inheritdoc cref="AddReconnectingClient(IServiceCollection, Uri, Action{IServiceProvider, ReconnectingClientOptions})"/>
    /// <param name="services">The services of the application.</param>
    /// <param name="name">The key.</param>
    /// <param name="address">Where to connect to.</param>
    /// <param name="configure">Changes the options. Called once, when the client is made.</param>
    public static IServiceCollection AddReconnectingClient(
        this IServiceCollection services, string name, Uri address, Action<IServiceProvider, ReconnectingClientOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        AddShared(services, address);
        services.AddKeyedSingleton(name, (provider, _) => Create(provider, address, configure));
        services.AddSingleton<IHostedService>(provider =>
            new ReconnectingClientService(provider.GetRequiredKeyedService<ReconnectingClient>(name)));
        return services;
    }

    private static void AddShared(IServiceCollection services, Uri address)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(address);
        services.TryAddSingleton<ReconnectingMetrics>();
    }

    private static ReconnectingClient Create(IServiceProvider services, Uri address,
        Action<IServiceProvider, ReconnectingClientOptions>? configure)
    {
        var options = new ReconnectingClientOptions
        {
            TimeProvider = services.GetService<TimeProvider>(),
            Logger = services.GetService<ILoggerFactory>()?.CreateLogger("WsPumps.Reconnecting"),
            Metrics = services.GetService<IMeterFactory>() is null ? null : services.GetRequiredService<ReconnectingMetrics>(),
        };
        configure?.Invoke(services, options);
        return new ReconnectingClient(address, options);
    }
}
