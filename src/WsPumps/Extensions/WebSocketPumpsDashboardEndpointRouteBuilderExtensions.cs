using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using WsPumps;
using WsPumps.Dashboard;
using WsPumps.Endpoints;
using WsPumps.Hosting;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the dashboard.</summary>
public static class WebSocketPumpsDashboardEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps a live page of all connections: how many, rates, queues, round trips, endings, a table to search, and a button to close one. It
    /// is served over a WebSocket endpoint of its own and loads nothing from elsewhere.
    /// </summary>
    /// <remarks>
    /// It shows ids, users and groups, and it can close connections, so the application must state, on what this method returns, who may
    /// use it: <c>RequireAuthorization("policy")</c>, or <c>AllowAnonymous()</c>; a fallback policy of the application counts as well.
    /// Without any of them the application does not start, except in the Development environment, where signed-in users are let in. Only
    /// pages of the same origin may connect. The dashboard's own connections are in no limit, table or metric.
    /// </remarks>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern of the page. What it needs lies below it. Default: <c>/pumps</c>.</param>
    /// <param name="configure">Changes the dashboard's options. Called once, now.</param>
    /// <returns>The page and its endpoint, to add conventions to.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebSocketPumps</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    public static IEndpointConventionBuilder MapWebSocketPumpsDashboard(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/pumps", Action<DashboardOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);

        var options = new DashboardOptions();
        configure?.Invoke(options);
        if (options.Validate().ToList() is { Count: > 0 } failures)
            throw new OptionsValidationException(nameof(DashboardOptions), typeof(DashboardOptions), failures);

        var server = PumpsServer.Of(endpoints.ServiceProvider);
        var group = endpoints.MapGroup(pattern);
        DashboardPage.Map(group);
        var recorder = endpoints.ServiceProvider.GetRequiredService<DashboardRecorder>();
        recorder.Start();
        var feed = new DashboardFeed(server, recorder, endpoints.ServiceProvider.GetService<Cluster>(), options);
        ConnectionEndpoint.Internal(server, feed.Configure).Map(group, "/live");
        ((IEndpointConventionBuilder)group).Finally(new DashboardAccess(pattern, endpoints.ServiceProvider, server.Logger).Check);
        return group;
    }
}
