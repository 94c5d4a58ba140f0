using System.Security.Claims;
using WsPumps.Endpoints;

namespace WsPumps.Testing.Hosting;

/// <summary>What a request over a link is told of its peer, and what the peer is told of the request.</summary>
internal sealed class LinkFeature(ClaimsPrincipal? user) : IClientFeature
{
    /// <summary>Who connects; null for nobody.</summary>
    public ClaimsPrincipal? User => user;

    public IClient? Client { get; set; }
}
