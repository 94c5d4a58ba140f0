using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;

namespace WsPumps;

/// <summary>The options of WebSocket endpoints: those of each connection, and those of accepting and draining connections.</summary>
/// <remarks>
/// Set for all endpoints with <c>AddWebSocketPumps</c>, from code or from a configuration section; changed for one endpoint
/// through <see cref="WebSocketPumpsEndpoint.Options"/>, for one connection in <see cref="WebSocketPumpsEndpoint.Setup"/>.
/// They are checked when the application starts; what is wrong is named, and the application does not start.
/// </remarks>
public sealed class WebSocketPumpsOptions : ClientOptions
{
    private static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromSeconds(25);

    /// <summary>
    /// Which web pages may connect, as <c>scheme://host[:port]</c>, or <c>scheme://*.host[:port]</c> for all sub-domains of a host but not the host itself. Browsers send cookies along with a WebSocket handshake from
    /// any page and CORS does not apply, so a page of another site could otherwise act for the user who visits it.
    /// </summary>
    /// <value>Default: empty, pages of the same origin only: the host and port of <c>Host</c>. <c>*</c> allows every page. Requests without an <c>Origin</c>, from programs that are no browsers, are always allowed.</value>
    public IList<string> AllowedOrigins { get; private set; } = [];

    /// <summary>Asked about a page that <see cref="AllowedOrigins"/> does not let in, with the request and its <c>Origin</c>: true lets it in. Must return at once.</summary>
    /// <value>Default: null, nobody is asked.</value>
    public Func<HttpContext, string, bool>? AllowOrigin { get; set; }

    /// <summary>
    /// Whether a page counts as of the same origin by the <c>X-Forwarded-Host</c> header, where a proxy sets one, instead of <c>Host</c>. Not
    /// needed where the forwarded headers middleware puts it into <c>Host</c>. A page cannot set the header.
    /// </summary>
    /// <value>Default: false.</value>
    public bool UseForwardedHost { get; set; }

    /// <summary>The subprotocols that are spoken, the preferred one first (RFC 6455, section 1.9). The first that the client offers is agreed on.</summary>
    /// <value>Default: empty. A client that offers none of them connects without a subprotocol, unless <see cref="RequireSubProtocol"/> is set.</value>
    public IList<string> SubProtocols { get; private set; } = [];

    /// <summary>Whether a client that offers none of <see cref="SubProtocols"/> is refused with 400.</summary>
    /// <value>Default: false.</value>
    public bool RequireSubProtocol { get; set; }

    /// <summary>
    /// How many connections the application has at most; one more is refused with 503. Set for the whole application; for one endpoint, or
    /// for each user or address, there is <see cref="WebSocketPumpsEndpoint.ConnectionLimits"/>.
    /// </summary>
    /// <value>At least 1. Default: null, no limit but the server's.</value>
    public int? MaxConnections { get; set; }

    /// <summary>Whether a connection is closed with 1008 when the authentication it was opened with expires, and nobody has refreshed it.</summary>
    /// <value>Default: true. Set it to false where the ticket lives on by other requests, as a cookie with sliding expiration does.</value>
    public bool CloseOnAuthenticationExpiration { get; set; } = true;

    /// <summary>
    /// Where set, an offered subprotocol that begins with this carries a token: <c>new WebSocket(url, ["chat", "bearer." + token])</c> with the
    /// prefix <c>bearer.</c>. It becomes the bearer token of the request's <c>Authorization</c> before anything else sees the request, and
    /// is no subprotocol any more: never chosen, never sent back. The token must consist of what RFC 6455 allows, as a JWT does. Set for the whole application.
    /// </summary>
    /// <value>A token of RFC 9110, section 5.6.2. Default: null, off.</value>
    public string? TokenSubProtocolPrefix { get; set; }

    /// <summary>
    /// Where set, the query parameter of a WebSocket request that carries a token, such as <c>access_token</c>. It becomes the bearer token as well,
    /// and is taken out of the query. Addresses are logged by the server and by proxies on the way: prefer <see cref="TokenSubProtocolPrefix"/>. Set for the whole application.
    /// </summary>
    /// <value>Default: null, off.</value>
    public string? TokenQueryParameter { get; set; }

    /// <summary>How long setup, register and unregister callbacks may take, each. A connection whose register callback takes longer is closed with 1011.</summary>
    /// <value>100 milliseconds to 1 day. Default: 30 seconds.</value>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How clients are asked to leave when the host stops or <see cref="WebSocketPumpsNode.DrainAsync"/> is called. For the whole application.</summary>
    public DrainOptions Drain { get; private set; } = new();

    /// <summary>How many payload bytes the queues of all clients of the application may hold together; see <see cref="QueueBudget"/>.</summary>
    /// <value>At least 1. Default: null, no such bound.</value>
    public long? MaxTotalQueuedBytes { get; set; }

    /// <summary>
    /// Whether frames are written straight to the socket of an HTTP/1.1 connection without TLS, past the server's own output, once
    /// a ping that nothing was written behind was answered: the proof that the server has nothing left to send. A connection gets up
    /// to five pings in its first seconds for that, unless its pings are off.
    /// </summary>
    /// <remarks>
    /// Not to be set where a connection middleware of your own puts a plain <see cref="System.IO.Pipelines.Pipe"/> between server and socket:
    /// it cannot be told from the server's, and frames would go past it. One with a stream in between, as the framework's have, is seen.
    /// </remarks>
    /// <value>Default: false. Without effect on HTTP/2, TLS, and connections that are seen to be wrapped by some connection middleware.</value>
    public bool DirectWrites { get; set; }

    /// <summary>
    /// Under which id the connections of a user are found, as by <see cref="Broadcaster.User"/>. Asked once for each connection
    /// that has a user. Set for the whole application; null or empty for nobody.
    /// </summary>
    /// <value>Default (null): the claim <see cref="ClaimTypes.NameIdentifier"/>, without one the name of the identity.</value>
    public Func<ClaimsPrincipal, string?>? UserId { get; set; }

    internal override IEnumerable<string> Validate()
    {
        foreach (var failure in base.Validate())
            yield return failure;

        if (CallbackTimeout < TimeSpan.FromMilliseconds(100) || CallbackTimeout > TimeSpan.FromDays(1))
            yield return $"{nameof(CallbackTimeout)} is {CallbackTimeout}; it must be between {TimeSpan.FromMilliseconds(100)} and {TimeSpan.FromDays(1)}.";

        foreach (var failure in Drain.Validate())
            yield return failure;

        if ((Drain.Timeout ?? DefaultDrainTimeout) < CloseTimeout)
        {
            yield return $"Drain.{nameof(Drain.Timeout)} ({Drain.Timeout ?? DefaultDrainTimeout}) is less than {nameof(CloseTimeout)} ({CloseTimeout}): " +
                "clients would be aborted before their time to answer the close is over. Raise the first or lower the second.";
        }

        if (MaxTotalQueuedBytes < 1)
            yield return $"{nameof(MaxTotalQueuedBytes)} is {MaxTotalQueuedBytes}; it must be at least 1, or unset for no bound.";

        if (MaxConnections < 1)
            yield return $"{nameof(MaxConnections)} is {MaxConnections}; it must be at least 1, or unset for no limit.";

        foreach (var origin in AllowedOrigins)
        {
            if (!OriginPolicy.IsValid(origin))
                yield return $"{nameof(AllowedOrigins)} contains '{origin}'; an origin is scheme://host or scheme://host:port without a path, scheme://*.host for sub-domains, or * for every page.";
        }

        if (RequireSubProtocol && SubProtocols.Count == 0)
            yield return $"{nameof(RequireSubProtocol)} is set, but {nameof(SubProtocols)} is empty: no client could connect.";

        if (TokenQueryParameter is "")
            yield return $"{nameof(TokenQueryParameter)} is empty; it must be the name of a query parameter, or unset.";

        if (TokenSubProtocolPrefix is { } prefix)
        {
            if (!SubProtocolNegotiation.IsValid(prefix))
                yield return $"{nameof(TokenSubProtocolPrefix)} is '{prefix}'; it must be a token without spaces, commas or other separators (RFC 6455, section 4.1), such as 'bearer.'.";
            else if (SubProtocols.FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal)) is { } taken)
                yield return $"{nameof(SubProtocols)} contains '{taken}', which begins with {nameof(TokenSubProtocolPrefix)} ('{prefix}') and would be taken for a token.";
        }

        foreach (var subProtocol in SubProtocols)
        {
            if (!SubProtocolNegotiation.IsValid(subProtocol))
                yield return $"{nameof(SubProtocols)} contains '{subProtocol}'; a subprotocol is a token without spaces, commas or other separators (RFC 6455, section 4.1).";
        }
    }

    /// <summary>The drain within the time that the host gives.</summary>
    internal DrainOptions DrainWithin(TimeSpan hostShutdownTimeout)
    {
        var drain = Drain.Clone();
        var share = hostShutdownTimeout > TimeSpan.Zero ? hostShutdownTimeout * 0.8 : DefaultDrainTimeout;
        drain.Timeout ??= share < DefaultDrainTimeout ? share : DefaultDrainTimeout;
        return drain;
    }

    internal WebSocketPumpsOptions Clone()
    {
        var clone = (WebSocketPumpsOptions)MemberwiseClone();
        clone.AllowedOrigins = [.. AllowedOrigins];
        clone.SubProtocols = [.. SubProtocols];
        clone.Drain = Drain.Clone();
        return clone;
    }
}
