using Microsoft.AspNetCore.Http;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>A request that asks for a place within a limit.</summary>
/// <param name="Http">The request.</param>
/// <param name="Users">Who its user is.</param>
/// <param name="Cluster">The servers whose places count as well; null where there is only this one.</param>
internal readonly record struct PlaceRequest(HttpContext Http, ApplicationUsers Users, Cluster? Cluster)
{
    /// <summary>Null for nobody.</summary>
    public string? UserId => Users.IdOf(Http.User);
}
