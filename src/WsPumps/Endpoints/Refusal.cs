using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using WsPumps.Hosting;

namespace WsPumps.Endpoints;

/// <summary>The answer to a request that does not become a connection.</summary>
internal sealed record Refusal(RefusalReason Why, int StatusCode, string Message)
{
    private const string SoonSeconds = "10";
    public const string SpokenVersion = "13";

    /// <summary>Whether it is worth to ask again in a while.</summary>
    public bool Retry { get; private init; }

    /// <summary>Whether the answer names the version of the protocol that is spoken.</summary>
    public bool TellsVersion { get; private init; }

    public static Refusal Unavailable(RefusalReason why, string message) =>
        new(why, StatusCodes.Status503ServiceUnavailable, message) { Retry = true };

    /// <summary>A WebSocket request of another version is told the one that is spoken (RFC 6455, sections 4.2.2 and 4.4).</summary>
    public static Refusal NotWebSocket(HttpContext http)
    {
        if (!WebSocketRequest.IsFor(http))
        {
            return new(RefusalReason.NotWebSocket, StatusCodes.Status400BadRequest,
                "This address speaks WebSocket (RFC 6455): connect with a WebSocket client, ws:// or wss://.");
        }

        return http.Request.Headers[HeaderNames.SecWebSocketVersion] == SpokenVersion
            ? new(RefusalReason.NotWebSocket, StatusCodes.Status400BadRequest,
                "The WebSocket handshake is not complete (RFC 6455, section 4.1).")
            : OfVersion(WebSocketRequest.IsUpgrade(http) ? StatusCodes.Status426UpgradeRequired : StatusCodes.Status400BadRequest);
    }

    private static Refusal OfVersion(int statusCode) =>
        new(RefusalReason.NotWebSocket, statusCode, $"WebSocket version {SpokenVersion} is spoken here (RFC 6455).")
        {
            TellsVersion = true,
        };

    public Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCode;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers[HeaderNames.CacheControl] = "no-store";
        if (Retry)
            http.Response.Headers[HeaderNames.RetryAfter] = SoonSeconds;
        if (TellsVersion)
            http.Response.Headers[HeaderNames.SecWebSocketVersion] = SpokenVersion;
        if (StatusCode == StatusCodes.Status426UpgradeRequired)
        {
            // RFC 9110, section 15.5.22.
            http.Response.Headers[HeaderNames.Upgrade] = "websocket";
            http.Response.Headers[HeaderNames.Connection] = HeaderNames.Upgrade;
        }

        return http.Response.WriteAsync(Message);
    }
}
