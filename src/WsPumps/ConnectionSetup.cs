using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using WsPumps.Endpoints;
using WsPumps.Hosting;

namespace WsPumps;

/// <summary>A request that is about to become a connection.</summary>
public sealed class ConnectionSetup
{
    private const string Bearer = "Bearer ";

    private readonly bool _closesOnExpiration;
    private DateTimeOffset? _expiresAt;
    private bool _expirySet;

    /// <summary>Creates a setup for a test of your own callback.</summary>
    /// <param name="httpContext">The handshake request.</param>
    /// <param name="options">The options that the callback may change; the defaults when null.</param>
    /// <param name="cancellationToken">Passed to the callback.</param>
    public ConnectionSetup(HttpContext httpContext, WebSocketPumpsEndpointOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        options ??= new WebSocketPumpsEndpointOptions();
        HttpContext = httpContext;
        Options = options;
        CancellationToken = cancellationToken;
        _closesOnExpiration = options.CloseOnAuthenticationExpiration;
    }

    /// <summary>The handshake request. Valid as long as the connection; read from it what is needed later.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>A copy of the endpoint's options, as far as they concern this connection alone.</summary>
    public ClientOptions Options { get; }

    /// <summary>The subprotocol that was agreed on; null for none.</summary>
    public string? SubProtocol { get; init; }

    /// <summary>Fires when the peer has given up, and when <see cref="WebSocketPumpsEndpointOptions.CallbackTimeout"/> is over.</summary>
    public CancellationToken CancellationToken { get; internal set; }

    /// <summary>
    /// The bearer token of the request, from its <c>Authorization</c>, or from where
    /// <see cref="WebSocketPumpsOptions.TokenSubProtocolPrefix"/> or <see cref="WebSocketPumpsOptions.TokenQueryParameter"/> looks for
    /// it. Null for none. To check it here instead of in a middleware, set the user
    /// (<see cref="Microsoft.AspNetCore.Http.HttpContext.User"/>) and <see cref="AuthenticationExpiresAt"/>, or refuse the request.
    /// </summary>
    public string? Token => HttpContext.Request.Headers[HeaderNames.Authorization] is [{ } value]
        && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        ? value[Bearer.Length..].Trim()
        : null;

    /// <summary>
    /// When the connection is closed with 1008, unless <see cref="IClient.RefreshAuthentication"/> comes first. Null: never.
    /// </summary>
    /// <value>
    /// Default: when the ticket of the request's authentication expires, as the <c>exp</c> of a JWT or the life of a cookie says; null
    /// without one, and where <see cref="WebSocketPumpsEndpointOptions.CloseOnAuthenticationExpiration"/> is false.
    /// </value>
    public DateTimeOffset? AuthenticationExpiresAt
    {
        get => _expirySet ? _expiresAt : _closesOnExpiration ? TicketExpiresAt(HttpContext) : null;
        set => (_expiresAt, _expirySet) = (value, true);
    }

    /// <summary>The status that <see cref="Refuse"/> was called with; null when the request is not refused.</summary>
    public int? RefusedWith => Refusal?.StatusCode;

    /// <summary>What <see cref="Refuse"/> was called with; null when the request is not refused.</summary>
    public string? RefusalMessage => Refusal?.Message;

    internal Refusal? Refusal { get; private set; }

    /// <summary>Answers the request with an HTTP error instead of upgrading it.</summary>
    /// <param name="statusCode">400 to 599.</param>
    /// <param name="message">The body of the answer, as plain text. Browsers do not show it to the page.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="statusCode"/> is not from 400 to 599.</exception>
    public void Refuse(int statusCode, string message = "")
    {
        ArgumentNullException.ThrowIfNull(message);
        if (statusCode is < 400 or > 599)
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "A request is refused with a status from 400 to 599.");

        Refusal = new Refusal(RefusalReason.Setup, statusCode, message);
    }

    private static DateTimeOffset? TicketExpiresAt(HttpContext http) =>
        http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
}
