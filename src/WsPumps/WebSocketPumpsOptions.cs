using System.Security.Claims;
using WsPumps.Endpoints;

namespace WsPumps;

/// <summary>The options of the application: the initial options of all its WebSocket endpoints, and what they share.</summary>
/// <remarks>
/// Set with <c>AddWebSocketPumps</c>, from code or from a configuration section, and checked when the application starts; if anything is
/// wrong, it is named, and the application does not start.
/// </remarks>
public sealed class WebSocketPumpsOptions : WebSocketPumpsEndpointOptions
{
    private static readonly TimeSpan DefaultDrainTimeout = TimeSpan.FromSeconds(25);

    /// <summary>
    /// How many connections the application may have at a time; one more is refused with 503. For one endpoint, or for each user or
    /// address, there is <see cref="WebSocketPumpsEndpointBuilder.ConnectionLimits"/>.
    /// </summary>
    /// <value>At least 1. Default: null, no limit but the server's.</value>
    public int? MaxConnections { get; set; }

    /// <summary>
    /// Where set, an offered subprotocol that begins with this carries a token: <c>new WebSocket(url, ["chat", "bearer." + token])</c>
    /// with the prefix <c>bearer.</c>. It becomes the bearer token of the request's <c>Authorization</c> before anything else sees the
    /// request, and is no longer a subprotocol: never chosen, never sent back. The token must consist of what RFC 6455 allows, as a JWT
    /// does.
    /// </summary>
    /// <value>A token of RFC 9110, section 5.6.2. Default: null, off.</value>
    public string? TokenSubProtocolPrefix { get; set; }

    /// <summary>
    /// Where set, the query parameter of a WebSocket request that carries a token, such as <c>access_token</c>. It becomes the bearer token
    /// as well, and is taken out of the query. URLs are logged by the server and by proxies on the way: prefer
    /// <see cref="TokenSubProtocolPrefix"/>.
    /// </summary>
    /// <value>Default: null, off.</value>
    public string? TokenQueryParameter { get; set; }

    /// <summary>How clients are asked to leave when the host stops or <see cref="WebSocketPumpsNode.DrainAsync"/> is called.</summary>
    public DrainOptions Drain { get; private set; } = new();

    /// <summary>
    /// How many payload bytes the queues of all clients of the application may hold together, and how many received bytes may wait for
    /// handlers; see <see cref="QueueBudget"/>.
    /// </summary>
    /// <value>At least 1 byte. Default: null, no such bound.</value>
    public long? MaxTotalQueuedBytes { get; set; }

    /// <summary>
    /// Returns the id under which the connections of a user are found, for example by <see cref="Broadcaster.User"/>. Called once for each
    /// connection that has a user. Null or empty means no user.
    /// </summary>
    /// <value>Default (null): the claim <see cref="ClaimTypes.NameIdentifier"/>, or, without that claim, the name of the identity.</value>
    public Func<ClaimsPrincipal, string?>? UserId { get; set; }

    internal override IEnumerable<string> Validate()
    {
        foreach (var failure in base.Validate())
            yield return failure;

        foreach (var failure in Drain.Validate())
            yield return failure;

        if ((Drain.Timeout ?? DefaultDrainTimeout) < CloseTimeout)
        {
            yield return $"Drain.{nameof(Drain.Timeout)} ({Drain.Timeout ?? DefaultDrainTimeout}) is less than {nameof(CloseTimeout)} " +
                $"({CloseTimeout}): " +
                "clients would be aborted before their time to answer the close is over. Raise the first or lower the second.";
        }

        if (MaxTotalQueuedBytes < 1)
            yield return $"{nameof(MaxTotalQueuedBytes)} is {MaxTotalQueuedBytes}; it must be at least 1, or unset for no bound.";

        if (MaxConnections < 1)
            yield return $"{nameof(MaxConnections)} is {MaxConnections}; it must be at least 1, or unset for no limit.";

        if (TokenQueryParameter is "")
            yield return $"{nameof(TokenQueryParameter)} is empty; it must be the name of a query parameter, or unset.";

        if (TokenSubProtocolPrefix is { } prefix)
        {
            if (!SubProtocolNegotiation.IsValid(prefix))
            {
                yield return $"{nameof(TokenSubProtocolPrefix)} is '{prefix}'; it must be a token without spaces, commas or other " +
                    "separators (RFC 6455, section 4.1), such as 'bearer.'.";
            }
            else if (SubProtocols.FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal)) is { } taken)
            {
                yield return $"{nameof(SubProtocols)} contains '{taken}', which begins with {nameof(TokenSubProtocolPrefix)} " +
                    $"('{prefix}') and would be taken for a token.";
            }
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
}
