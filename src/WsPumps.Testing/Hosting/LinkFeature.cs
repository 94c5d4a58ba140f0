using System.Security.Claims;
using WsPumps.Endpoints;

namespace WsPumps.Testing.Hosting;

/// <summary>What a request over a link is told of its peer, and what the peer is told of the request.</summary>
internal sealed class LinkFeature(ClaimsPrincipal? user) : IClientFeature
{
    /// <summary>Who connects; null for nobody.</summary>
    public ClaimsPrincipal? User => user;

    /// <summary>Cancelled when the link has ended. The server would tell requests of that on a thread that nobody counts.</summary>
    public CancellationToken Closed { get; set; }

    public IClient? Client { get; set; }
}
