using System.Security.Claims;
using WsPumps.Registry;

namespace WsPumps.Hosting;

/// <summary>Who a user is, by the application's own rule or the default.</summary>
/// <param name="rule"><see cref="WebSocketPumpsOptions.UserId"/>.</param>
internal sealed class ApplicationUsers(Func<ClaimsPrincipal, string?>? rule)
{
    /// <returns>Null for nobody.</returns>
    public string? IdOf(ClaimsPrincipal user)
    {
        if (user.Identity is not { IsAuthenticated: true })
            return null;

        var id = rule is null ? UserIdentity.DefaultId(user) : rule(user);
        return string.IsNullOrEmpty(id) ? null : id;
    }
}
