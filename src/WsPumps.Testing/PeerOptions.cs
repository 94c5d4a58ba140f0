using System.Net;
using System.Security.Claims;

namespace WsPumps.Testing;

/// <summary>How a peer connects, and what it does by itself.</summary>
public sealed class PeerOptions
{
    /// <summary>Path and query of the request.</summary>
    /// <value>Default: <c>/</c>.</value>
    public string Path { get; init; } = "/";

    /// <summary>Who connects: signed in with this name identifier, without the application's own authentication being asked.</summary>
    /// <value>Default: null, nobody.</value>
    public string? User { get; init; }

    /// <summary>Who connects, with all claims. Goes before <see cref="User"/>.</summary>
    /// <value>Default: null.</value>
    public ClaimsPrincipal? Principal { get; init; }

    /// <summary>
    /// Further headers of the request, for example <c>Origin</c> or <c>Authorization</c>. One that the handshake sets itself is replaced.
    /// </summary>
    public IDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The subprotocols on offer, the preferred one first.</summary>
    public IReadOnlyList<string> SubProtocols { get; init; } = [];

    /// <summary>
    /// Whether the peer offers compression (permessage-deflate, RFC 7692). Where the server agrees, the peer compresses each message that
    /// it sends whole, and reads what is compressed; see <see cref="TestPeer.Compresses"/> and <see cref="PeerMessage.WasCompressed"/>.
    /// </summary>
    /// <value>Default: false.</value>
    public bool OffersCompression { get; init; }

    /// <summary>The address the peer comes from.</summary>
    /// <value>Default: 127.0.0.1.</value>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>
    /// How many bytes may be on their way in one direction, before whoever writes has to wait: what the buffers of the network take.
    /// </summary>
    /// <value>Positive. Default: 65,536.</value>
    public int Window { get; init; } = 64 * 1024;

    /// <summary>Faults by a seed, from the end of the handshake on.</summary>
    /// <value>Default: null, none.</value>
    public FaultPlan? Faults { get; init; }

    /// <summary>Whether the peer answers pings.</summary>
    /// <value>Default: true. May be changed later: <see cref="TestPeer.AnswersPings"/>.</value>
    public bool AnswersPings { get; init; } = true;

    /// <summary>Whether the peer answers the server's close frame.</summary>
    /// <value>Default: true. May be changed later: <see cref="TestPeer.AnswersCloses"/>.</value>
    public bool AnswersCloses { get; init; } = true;
}
