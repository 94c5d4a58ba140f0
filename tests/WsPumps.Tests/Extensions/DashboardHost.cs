using System.Net.WebSockets;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

/// <summary>An application with a dashboard, and those who look at it.</summary>
internal static class DashboardHost
{
    public static Task<PumpsHost> StartAsync(
        Action<IEndpointConventionBuilder>? mapped = null, Action<WebApplicationBuilder>? build = null, Action<DashboardOptions>? options = null) => PumpsHost.StartAppAsync(
        app =>
        {
            app.UseRouting().UseAuthentication().UseAuthorization();
            (mapped ?? (dashboard => dashboard.RequireAuthorization()))(app.MapWebSocketPumpsDashboard("/admin/pumps", options));
            app.MapWebSocketPumps("/chat", Echo.Handler);
        },
        builder =>
        {
            builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
            builder.Services.AddAuthorization(options => options.AddPolicy("admin", policy => policy.RequireUserName("admin")));
            PumpsHost.With(options => options.PingInterval = TimeSpan.Zero)(builder);
            build?.Invoke(builder);
        });

    public static Task<ClientWebSocket> ViewAsync(PumpsHost host) => host.ConnectAsync("/admin/pumps/live", options => options.SetRequestHeader("User", "somebody"));

    /// <summary>What a viewer is told after it has said what it looks at.</summary>
    public static async Task<JsonNode> ShowAsync(WebSocket viewer, string query, Func<JsonNode, bool> until, PumpsHost? ticking = null)
    {
        await viewer.SendTextAsync("{\"show\":{" + query + "}}");
        return await StateAsync(viewer, until, ticking);
    }

    public static async Task<JsonNode> StateAsync(
        WebSocket viewer, Func<JsonNode, bool>? until = null, PumpsHost? ticking = null, string type = "state")
    {
        while (true)
        {
            ticking?.Clock.Advance(TimeSpan.FromSeconds(1));
            var state = JsonNode.Parse(await viewer.ReceiveTextAsync())!;
            if ((string?)state["type"] == type && until?.Invoke(state) is null or true)
                return state;
        }
    }

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["User"].ToString() is not { Length: > 0 } name)
                return Task.FromResult(AuthenticateResult.NoResult());

            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
        }
    }
}
