using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace WsPumps.Tests;

/// <summary>Bearer tokens as the framework makes and reads them. They expire on the clock of the host.</summary>
internal static class Tickets
{
    /// <summary>For <c>build</c>.</summary>
    public static void AddBearerTokens(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
        builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
        builder.Services.AddAuthorization();
    }

    public static ClaimsPrincipal User(string name, params Claim[] claims) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name), .. claims], BearerTokenDefaults.AuthenticationScheme));

    public static string Token(this PumpsHost host, string name, TimeSpan life)
    {
        var properties = new AuthenticationProperties { ExpiresUtc = host.Clock.GetUtcNow() + life };
        var options = host.Services.GetRequiredService<IOptionsMonitor<BearerTokenOptions>>().Get(BearerTokenDefaults.AuthenticationScheme);
        return options.BearerTokenProtector.Protect(new AuthenticationTicket(User(name), properties, BearerTokenDefaults.AuthenticationScheme));
    }
}
