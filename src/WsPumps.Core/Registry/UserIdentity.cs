using System.Security.Claims;

namespace WsPumps.Registry;

internal static class UserIdentity
{
    /// <summary>Who a user is where the application does not say.</summary>
    /// <returns>Null for nobody.</returns>
    public static string? DefaultId(ClaimsPrincipal user) => user.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? user.Identity?.Name;
}
