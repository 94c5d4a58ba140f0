using System.Net;
using System.Security.Claims;

namespace WsPumps.Testing;

/// <summary>How a peer connects, and what it does by itself.</summary>
public sealed class PeerOptions
{
    /// <summary>Path and query of the request.</summary>
    /// <value>Begins with a slash. Default: <c>/</c>.</value>
    /// <exception cref="ArgumentException">It does not begin with a slash.</exception>
    public string Path
    {
        get;
        init => field = value is ['/', ..] ? value
            : throw new ArgumentException($"The {nameof(Path)} '{value}' does not begin with a slash, as in '/chat'.", nameof(value));
    } = "/";

    /// <summary>Who connects: signed in with this name identifier, bypassing the application's own authentication.</summary>
    /// <value>Default: null, nobody.</value>
    public string? User { get; init; }

    /// <summary>Who connects, with all claims. Takes precedence over <see cref="User"/>.</summary>
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
    /// How many bytes may be on their way in one direction, before the writer has to wait: what the buffers of the network hold.
    /// </summary>
    /// <value>Positive. Default: 65,536.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int Window
    {
        get;
        init => field = value > 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"The {nameof(Window)} is a positive number of bytes.");
    } = 64 * 1024;

    /// <summary>
    /// How long an expectation of the peer waits for what it expects, in real time. The handshake has as long, and 15 seconds at least.
    /// </summary>
    /// <value>Positive. Default: 15 seconds.</value>
    public TimeSpan RealTimeLimit { get; init; } = TestPeer.Limit;

    /// <summary>Seeded faults, from the end of the handshake on.</summary>
    /// <value>Default: null, none.</value>
    public FaultPlan? Faults { get; init; }

    /// <summary>Whether the peer answers pings.</summary>
    /// <value>Default: true. May be changed later: <see cref="TestPeer.AnswersPings"/>.</value>
    public bool AnswersPings { get; init; } = true;

    /// <summary>Whether the peer answers the server's close frame.</summary>
    /// <value>Default: true. May be changed later: <see cref="TestPeer.AnswersCloses"/>.</value>
    public bool AnswersCloses { get; init; } = true;
}
