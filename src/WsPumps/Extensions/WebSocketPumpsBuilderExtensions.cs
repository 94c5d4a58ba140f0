using Microsoft.Extensions.Configuration;
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

    /// <summary>Reads options from a configuration section. Calls add up: what is set last counts.</summary>
    /// <param name="builder">What <c>AddWebSocketPumps</c> returned.</param>
    /// <param name="section">
    /// The section, for example <c>builder.Configuration.GetSection("WebSocketPumps")</c>. A section that is not there or is empty, and a name in it that is no
    /// option, keep the host from starting.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IWebSocketPumpsBuilder Configure(this IWebSocketPumpsBuilder builder, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        return builder.Configure(options =>
        {
            ConfigurationCheck.ThrowIfEmpty(section);
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        });
    }
}
