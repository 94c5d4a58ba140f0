using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using WsPumps.Tests.Peers;

namespace WsPumps.Tests.Extensions;

/// <summary>A mapped endpoint takes part in what ASP.NET Core does for endpoints.</summary>
public sealed class ConventionsTests
{
    [Fact]
    public async Task RequireAuthorization_NobodySignedIn_Answers401InsteadOfRedirecting()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapWebSocketPumps("/", Echo.Handler).RequireAuthorization(),
            builder =>
            {
                builder.Services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
                builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
                builder.Services.AddAuthorization();
            });

        using var answer = await host.HandshakeAsync();

        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task RequireRateLimiting_Passed_Answers429()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.UseRateLimiter();
                app.MapWebSocketPumps("/", Echo.Handler).RequireRateLimiting("two");
            },
            builder => builder.Services.AddRateLimiter(limiter =>
            {
                limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
                limiter.AddConcurrencyLimiter("two", options => options.PermitLimit = 2);
            }));
        var first = await host.HandshakeAsync();
        var second = await host.HandshakeAsync();

        using var third = await host.HandshakeAsync();

        first.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        second.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        third.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task RequireCors_OriginAllowedByBoth_IsAcceptedWithTheHeader()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.UseCors();
                app.MapWebSocketPumps("/", endpoint => endpoint.Options.AllowedOrigins.Add("https://app.example")).RequireCors("app");
            },
            builder => builder.Services.AddCors(cors => cors.AddPolicy("app", policy => policy.WithOrigins("https://app.example"))));

        using var answer = await host.HandshakeAsync("/", ("Origin", "https://app.example"));

        answer.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
        answer.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("https://app.example");
    }

    [Fact]
    public async Task MapGroup_PrefixAndConventionsOfTheGroup_Apply()
    {
        await using var host = await PumpsHost.StartAppAsync(
            app => app.MapGroup("/api/{tenant}").RequireAuthorization().MapWebSocketPumps("/ws", Echo.Handler),
            Tickets.AddBearerTokens);

        using var without = await host.HandshakeAsync("/api/a/ws");
        using var with = await host.HandshakeAsync("/api/a/ws", ("Authorization", "Bearer " + host.Token("ada", TimeSpan.FromHours(1))));

        without.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        with.StatusCode.Should().Be(HttpStatusCode.SwitchingProtocols);
    }

    [Fact]
    public async Task WithName_LinkIsMade()
    {
        await using var host = await PumpsHost.StartAppAsync(app => app.MapWebSocketPumps("/rooms/{room}", Echo.Handler).WithName("room"));

        host.Services.GetRequiredService<LinkGenerator>().GetPathByName("room", new { room = "blue" }).Should().Be("/rooms/blue");
    }

    [Theory]
    [InlineData("mapped")]
    [InlineData("middleware")]
    public async Task RequestTimeouts_ForEveryRequest_DoNotEndConnections(string how)
    {
        await using var host = await PumpsHost.StartAppAsync(
            app =>
            {
                app.UseRouting();
                app.UseRequestTimeouts();
                app.MapGet("/slow", (CancellationToken aborted) => Task.Delay(Timeout.Infinite, aborted));
                if (how == "mapped")
                    app.MapWebSocketPumps("/", Configure);
                else
                    app.UseWebSocketPumps("/", Configure);
            },
            builder => builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy { Timeout = TimeSpan.FromMilliseconds(100) }));
        var peer = await host.ConnectKnownAsync();

        // The time limit of a request that began later is over: so would be the connection's.
        using var answer = await host.SendAsync(HttpMethod.Get, "/slow");
        answer.StatusCode.Should().Be(HttpStatusCode.GatewayTimeout);

        await peer.SendTextAsync("still here");
        (await peer.ReceiveTextAsync()).Should().Be("still here");

        static void Configure(WebSocketPumpsEndpointBuilder endpoint)
        {
            endpoint.Options.PingInterval = TimeSpan.Zero;
            Echo.Endpoint(endpoint);
        }
    }
}
