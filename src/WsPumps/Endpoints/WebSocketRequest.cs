using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace WsPumps.Endpoints;

/// <summary>
/// Whether a request wants a WebSocket, even one that cannot be had: asked before anything has prepared the request for it.
/// </summary>
internal static class WebSocketRequest
{
    public const string Protocol = "websocket";

    public static bool IsFor(HttpContext http) =>
        http.WebSockets.IsWebSocketRequest
        || IsUpgrade(http)
        || (http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect && Is(connect.Protocol));

    /// <summary>Over HTTP/1.1, with <c>Upgrade</c>.</summary>
    public static bool IsUpgrade(HttpContext http) =>
        http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && Is(http.Request.Headers[HeaderNames.Upgrade]);

    public static bool Is(string? protocol) => string.Equals(protocol, Protocol, StringComparison.OrdinalIgnoreCase);
}
