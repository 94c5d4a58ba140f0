using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WsPumps;
using WsPumps.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds to what <c>AddWebSocketPumps</c> has registered.</summary>
public static class WebSocketPumpsBuilderExtensions
{
    /// <summary>Changes the options. Calls add up: what is set last counts.</summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="configure">Called when the options are first needed. They are checked when the host starts.</param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder Configure(this IWebSocketPumpsBuilder builder, Action<WebSocketPumpsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.Configure(configure);
        return builder;
    }

    /// <summary>
    /// Registers a further <see cref="Broadcaster"/>, for endpoints whose connections should not be reached together with the others: a
    /// keyed singleton, made with the settings of the application. Give it to an endpoint as
    /// <see cref="WebSocketPumpsEndpointBuilder.Broadcaster"/>.
    /// </summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="name">
    /// The key: <c>[FromKeyedServices("name")] Broadcaster</c>, or <c>GetRequiredKeyedService&lt;Broadcaster&gt;("name")</c>.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder AddBroadcaster(this IWebSocketPumpsBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        builder.Services.TryAddKeyedSingleton(name, static (services, _) => new Broadcaster(ApplicationManager.Create(services)));
        return builder;
    }

    /// <summary>Reads options from a configuration section. Calls add up: what is set last counts.</summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="section">
    /// The section, for example <c>builder.Configuration.GetSection("WebSocketPumps")</c>. A section that is not there or is empty, a
    /// name in it that is no option, and a single value where a list belongs keep the host from starting.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder Configure(this IWebSocketPumpsBuilder builder, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        return builder.Configure(options =>
            ConfigurationCheck.Read(section, () => section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true)));
    }
}
