using Microsoft.AspNetCore.Http;
using WsPumps.Endpoints;

namespace WsPumps;

/// <summary>The options of a WebSocket endpoint: those of each of its connections, and those of accepting them.</summary>
/// <remarks>
/// An endpoint begins with what is set for the whole application (<see cref="WebSocketPumpsOptions"/>) and changes it in
/// <see cref="WebSocketPumpsEndpointBuilder.Options"/>. What belongs to one connection can be changed further in
/// <see cref="ConnectionSetup.Options"/>.
/// </remarks>
public class WebSocketPumpsEndpointOptions : ClientOptions
{
    /// <summary>
    /// The web pages that may connect; where the list is not empty, your own must be in it too. As <c>scheme://host[:port]</c>, or
    /// <c>scheme://*.host[:port]</c> for all sub-domains of a host but not the host itself. Browsers send cookies along with a WebSocket
    /// handshake from any page and CORS does not apply, so a page of another site could otherwise act for the user who visits it.
    /// </summary>
    /// <value>
    /// Default: empty, pages of the same origin only: the host and port of <c>Host</c>. <c>*</c> allows every page. Requests without an
    /// <c>Origin</c>, from programs that are not browsers, are always allowed.
    /// </value>
    public IList<string> AllowedOrigins { get; private set; } = [];

    /// <summary>
    /// Called for a page that <see cref="AllowedOrigins"/> does not allow, with the request and its <c>Origin</c>: true allows it. Must
    /// return at once.
    /// </summary>
    /// <value>Default: null, no further page is allowed.</value>
    public Func<HttpContext, string, bool>? AllowOrigin { get; set; }

    /// <summary>
    /// Whether the same-origin check uses the <c>X-Forwarded-Host</c> header, where a proxy sets one, instead of <c>Host</c>. Not needed
    /// where the forwarded headers middleware puts it into <c>Host</c>. A page cannot set the header.
    /// </summary>
    /// <value>Default: false.</value>
    public bool UseForwardedHost { get; set; }

    /// <summary>
    /// The supported subprotocols, the preferred one first (RFC 6455, section 1.9). The first of them that the client offers is chosen.
    /// </summary>
    /// <value>
    /// Default: empty. A client that offers none of them connects without a subprotocol, unless <see cref="RequireSubProtocol"/> is set.
    /// </value>
    public IList<string> SubProtocols { get; private set; } = [];

    /// <summary>Whether a client that offers none of <see cref="SubProtocols"/> is refused with 400.</summary>
    /// <value>Default: false.</value>
    public bool RequireSubProtocol { get; set; }

    /// <summary>
    /// Whether a connection is closed with 1008 when the authentication it was opened with expires without having been refreshed.
    /// </summary>
    /// <value>Default: true. Set it to false where other requests extend the ticket, as with a cookie that has sliding expiration.</value>
    public bool CloseOnAuthenticationExpiration { get; set; } = true;

    /// <summary>
    /// How long setup, register and unregister callbacks may take, each. A connection whose register callback takes longer is closed with
    /// 1011.
    /// </summary>
    /// <value>100 milliseconds to 1 day. Default: 30 seconds.</value>
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether frames are written directly to the socket of an HTTP/1.1 connection without TLS, bypassing the server's own output, once a
    /// ping that was the last thing written has been answered: that proves that the server has nothing left to send.
    /// </summary>
    /// <remarks>
    /// A connection middleware that puts a transport of its own in between is detected: the transport is compared with the one that the
    /// connection was accepted with.
    /// </remarks>
    /// <value>
    /// Default: true. Without effect on HTTP/2, TLS, connections with a middleware in between, and servers that do not use the sockets of
    /// Kestrel.
    /// </value>
    public bool DirectWrites { get; set; } = true;

    /// <summary>
    /// Called for each request that offers compression, where <see cref="ClientOptions.Compression"/> is set: false connects without it.
    /// Must return at once.
    /// </summary>
    /// <value>Default: all but Safari 15.0 to 15.3, which cannot read what it agreed on.</value>
    public Func<HttpContext, bool> AllowCompression { get; set; } = BrokenCompression.IsNotIn;

    internal override IEnumerable<string> Validate()
    {
        foreach (var failure in base.Validate())
            yield return failure;

        if (CallbackTimeout < TimeSpan.FromMilliseconds(100) || CallbackTimeout > TimeSpan.FromDays(1))
        {
            yield return $"{nameof(CallbackTimeout)} is {CallbackTimeout}; it must be between {TimeSpan.FromMilliseconds(100)} and " +
                $"{TimeSpan.FromDays(1)}.";
        }

        if (AllowCompression is null)
        {
            yield return $"{nameof(AllowCompression)} is null; leave it as it is, or set it to a function that says whether a request " +
                "may have compression.";
        }

        foreach (var origin in AllowedOrigins)
        {
            if (!OriginPolicy.IsValid(origin))
            {
                yield return $"{nameof(AllowedOrigins)} contains '{origin}'; an origin is scheme://host or scheme://host:port without a " +
                    "path, scheme://*.host for sub-domains, or * for every page.";
            }
        }

        if (RequireSubProtocol && SubProtocols.Count == 0)
            yield return $"{nameof(RequireSubProtocol)} is set, but {nameof(SubProtocols)} is empty: no client could connect.";

        foreach (var subProtocol in SubProtocols)
        {
            if (!SubProtocolNegotiation.IsValid(subProtocol))
            {
                yield return $"{nameof(SubProtocols)} contains '{subProtocol}'; a subprotocol is a token without spaces, commas or other " +
                    "separators (RFC 6455, section 4.1).";
            }
        }
    }

    /// <summary>A copy, for one endpoint or one connection.</summary>
    internal WebSocketPumpsEndpointOptions Copy()
    {
        var copy = (WebSocketPumpsEndpointOptions)MemberwiseClone();
        copy.AllowedOrigins = [.. AllowedOrigins];
        copy.SubProtocols = [.. SubProtocols];
        copy.Compression = Compression?.Copy();
        return copy;
    }
}
