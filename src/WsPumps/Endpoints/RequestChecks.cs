using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>What a request must pass before it is upgraded, in the order of what it costs to find out.</summary>
internal sealed partial class RequestChecks(PumpsServer server, WebSocketPumpsEndpointBuilder endpoint)
{
    private readonly OriginPolicy _origins = new(endpoint.Options);
    private readonly ConnectionLimit[] _limits = [.. endpoint.ConnectionLimits];

    /// <summary>Before setup.</summary>
    /// <param name="http">The request.</param>
    /// <param name="admission">What it holds of limits.</param>
    /// <param name="mayResume">Whether it may go on with a session, which has its place in the limits already.</param>
    /// <param name="subProtocol">The one that is chosen of the application's; null for none.</param>
    /// <returns>Null when all is well.</returns>
    public Refusal? Check(HttpContext http, Admission admission, bool mayResume, out string? subProtocol)
    {
        subProtocol = null;
        if (!http.WebSockets.IsWebSocketRequest)
            return Refusal.NotWebSocket(http);

        if (!_origins.Allows(http))
        {
            Log.OriginRefused(server.Logger, LogText.Of(http.Request.Headers.Origin.ToString()), LogText.Of(http.Request.Host.ToString()));
            return new Refusal(RefusalReason.Origin, StatusCodes.Status403Forbidden, "Pages of this origin may not connect.");
        }

        if (server.IsDraining)
            return Stopping();

        var options = endpoint.Options;
        subProtocol = SubProtocolNegotiation.Choose(options.SubProtocols, http.WebSockets.WebSocketRequestedProtocols);
        if (subProtocol is null && options.RequireSubProtocol)
        {
            var spoken = string.Join(", ", options.SubProtocols);
            Log.SubProtocolRefused(server.Logger, http.Request.Path, spoken);
            return new Refusal(RefusalReason.SubProtocol, StatusCodes.Status400BadRequest, $"Offer one of these subprotocols: {spoken}.");
        }

        return mayResume ? null : EnterApplication(http, admission);
    }

    /// <summary>Takes a place in the limit of the application.</summary>
    /// <inheritdoc cref="Check"/>
    public Refusal? EnterApplication(HttpContext http, Admission admission) =>
        !endpoint.IsInternal && server.Limit is { } limit && admission.Enter(http, [limit]) is { } full
            ? Full(http, full, "in the application") : null;

    /// <summary>After setup, which may have taken its time, and may have said who the user is.</summary>
    /// <inheritdoc cref="Check"/>
    public Refusal? CheckAgain(HttpContext http, Admission admission) => server.IsDraining
        ? Stopping()
        : admission.Enter(http, _limits) is { } full ? Full(http, full, "by a limit of the endpoint") : null;

    /// <summary>The server has a limit of its own on upgraded connections.</summary>
    public Refusal NotUpgraded(HttpContext http, Exception exception)
    {
        Log.NotUpgraded(server.Logger, http.Request.Path, exception);
        return Refusal.Unavailable(RefusalReason.Limit, "The server takes no more connections at the moment.");
    }

    private Refusal Full(HttpContext http, ConnectionLimit limit, string where)
    {
        Log.LimitReached(server.Logger, http.Request.Path, limit.MaxConnections, where);
        return Refusal.Unavailable(RefusalReason.Limit, "There are too many connections.");
    }

    private static Refusal Stopping() =>
        new(RefusalReason.Draining, StatusCodes.Status503ServiceUnavailable, "The server is shutting down.");

    private static partial class Log
    {
        [LoggerMessage(120, LogLevel.Warning,
            "A page of {Origin} was refused at {Host}: it is neither of the same origin nor allowed. To allow it, add it to " +
            "AllowedOrigins, of the application's options or of the endpoint's, and the origin of your own pages as well: a list " +
            "replaces the rule of the same origin.", EventName = "OriginRefused")]
        public static partial void OriginRefused(ILogger logger, string origin, string host);

        [LoggerMessage(130, LogLevel.Warning,
            "A connection to {Path} was refused: {MaxConnections} are allowed {Where}, and there are as many.",
            EventName = "ConnectionLimitReached")]
        public static partial void LimitReached(ILogger logger, string path, int maxConnections, string where);

        [LoggerMessage(131, LogLevel.Information,
            "A connection to {Path} was refused: it offers none of the subprotocols {SubProtocols}, one of which " +
            "WebSocketPumpsOptions.RequireSubProtocol asks for.", EventName = "SubProtocolRefused")]
        public static partial void SubProtocolRefused(ILogger logger, string path, string subProtocols);

        [LoggerMessage(132, LogLevel.Warning,
            "A connection to {Path} was refused, because the server did not upgrade it. Kestrel does so above " +
            "KestrelServerLimits.MaxConcurrentUpgradedConnections.", EventName = "NotUpgraded")]
        public static partial void NotUpgraded(ILogger logger, string path, Exception exception);
    }
}
