using Microsoft.Extensions.Diagnostics.HealthChecks;
using WsPumps;
using WsPumps.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the WebSocket endpoints to the health checks of the application.</summary>
public static class WebSocketPumpsHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that fails as soon as the server drains, so that a load balancer stops sending clients. Use it as a readiness probe,
    /// not as a liveness probe: a draining server must not be restarted.
    /// </summary>
    /// <remarks>
    /// Its data are <c>connections</c>, <c>draining</c>, <c>queued_messages</c> and <c>queued_bytes</c>, the last two up to a second old.
    /// With a cluster also <c>nodes</c> and <c>backplane</c>; while the engine cannot be reached the check is degraded, which HTTP probes
    /// see as 200: clients of this server are served.
    /// </remarks>
    /// <param name="builder">The health checks of the application.</param>
    /// <param name="name">The name of the check. Default: <c>websocket_pumps</c>.</param>
    /// <param name="failureStatus">
    /// What is reported while the server drains. Default (null): <see cref="HealthStatus.Unhealthy"/>, which HTTP probes see as 503.
    /// </param>
    /// <param name="tags">Tags to choose the check by, for example <c>ready</c>. Default (null): none.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">
    /// Thrown when the check runs: <c>AddWebSocketPumps</c> was not called for the services.
    /// </exception>
    public static IHealthChecksBuilder AddWebSocketPumps(
        this IHealthChecksBuilder builder, string name = "websocket_pumps", HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.Add(new HealthCheckRegistration(name,
            services => new PumpsHealthCheck(PumpsServer.Of(services), services.GetService<Cluster>()), failureStatus, tags));
    }
}
