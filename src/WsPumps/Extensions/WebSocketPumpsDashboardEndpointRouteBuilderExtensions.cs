using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using WsPumps.Dashboard;
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
    /// It shows ids, users and groups, and it can close connections, so it is for signed-in users only, unless something else is said about
    /// what this method returns: <c>RequireAuthorization("policy")</c>, or <c>AllowAnonymous()</c>. Only pages of the same origin may
    /// connect, whatever the options say. Its own connections are not in the table; in the metrics they are.
    /// </remarks>
    /// <param name="endpoints">The routes of the application.</param>
    /// <param name="pattern">The route pattern of the page. What it needs lies below it. Default: <c>/pumps</c>.</param>
    /// <returns>The page and its endpoint, to add conventions to.</returns>
    /// <exception cref="InvalidOperationException"><c>AddWebSocketPumps</c> was not called.</exception>
    public static IEndpointConventionBuilder MapWebSocketPumpsDashboard(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/pumps")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);

        var group = endpoints.MapGroup(pattern);
        DashboardPage.Map(group);
        var feed = new DashboardFeed(PumpsServer.Of(endpoints.ServiceProvider));
        group.MapWebSocketPumps("/live", feed.Configure);
        // After all other conventions, so that it is seen what they said.
        ((IEndpointConventionBuilder)group).Finally(RequireUser);
        return group;
    }

    private static void RequireUser(EndpointBuilder endpoint)
    {
        if (!endpoint.Metadata.Any(metadata => metadata is IAuthorizeData or AuthorizationPolicy or IAllowAnonymous))
            endpoint.Metadata.Add(new AuthorizeAttribute());
    }
}
