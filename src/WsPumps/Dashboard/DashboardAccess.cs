using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace WsPumps.Dashboard;

/// <summary>Sees to it that somebody has said who may use the dashboard. To be asked after all other conventions.</summary>
internal sealed partial class DashboardAccess(string pattern, IServiceProvider services, ILogger logger)
{
    private bool _isWarned;

    /// <exception cref="InvalidOperationException">Nobody has, and this is no development environment.</exception>
    public void Check(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.Any(metadata => metadata is IAuthorizeData or AuthorizationPolicy or IAllowAnonymous))
            return;

        // It counts where an endpoint says nothing, and no longer where this were to say something.
        if (services.GetRequiredService<IOptions<AuthorizationOptions>>().Value.FallbackPolicy is not null)
            return;

        if (services.GetService<IWebHostEnvironment>()?.IsDevelopment() is not true)
        {
            throw new InvalidOperationException($"The dashboard at '{pattern}' shows users and closes connections, so it must be said " +
                "who may use it: " +
                $"{nameof(WebSocketPumpsDashboardEndpointRouteBuilderExtensions.MapWebSocketPumpsDashboard)}(\"{pattern}\")" +
                ".RequireAuthorization(\"a policy of the application\"), " +
                "or .AllowAnonymous() where something else guards it. Only in the Development environment are signed-in users enough.");
        }

        endpoint.Metadata.Add(new AuthorizeAttribute());
        if (!Interlocked.Exchange(ref _isWarned, true))
            Log.NoPolicy(logger, pattern);
    }

    private static partial class Log
    {
        [LoggerMessage(153, LogLevel.Warning, "The dashboard at {Pattern} is open to every signed-in user, because this is the " +
            "Development environment. Elsewhere the application " +
            "will not start until it is said who may use it: MapWebSocketPumpsDashboard(…).RequireAuthorization(\"policy\").",
                EventName = "DashboardWithoutPolicy")]
        public static partial void NoPolicy(ILogger logger, string pattern);
    }
}
