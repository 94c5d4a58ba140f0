using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;

namespace WsPumps.Endpoints;

/// <summary>Who makes a request, as far as that is known.</summary>
internal static class RequestUser
{
    /// <summary>Not <see cref="HttpContext.User"/>, which makes somebody unknown where there is nobody, and keeps him for as long as the
    /// connection lives.</summary>
    public static ClaimsPrincipal? Of(HttpContext http) =>
        http.Features.Get<IHttpAuthenticationFeature>()?.User is { Identity.IsAuthenticated: true } user ? user : null;
}
