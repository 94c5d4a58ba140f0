using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Net.Http.Headers;

namespace WsPumps.Endpoints;

/// <summary>
/// The handshake, over HTTP/1.1 (RFC 6455, section 4.2) and HTTP/2 (RFC 8441): makes a <see cref="StreamWebSocket"/> of a request. In the
/// place of the framework's own feature, so that it also serves <c>HttpContext.WebSockets</c>.
/// </summary>
internal sealed class WebSocketUpgrade : IHttpWebSocketFeature
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int KeyLength = 16;

    private static readonly StreamWebSocketOptions Defaults = new();

    /// <summary>Kestrel's streams flush with each write. A second flush costs two locks more and moves nothing.</summary>
    private static readonly Assembly Kestrel = typeof(KestrelServer).Assembly;

    private readonly HttpContext _http;
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly RequestAbort _abort;

    private WebSocketUpgrade(HttpContext http, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    {
        _http = http;
        _upgrade = upgrade is { IsUpgradableRequest: true } ? upgrade : null;
        _connect = connect is { IsExtendedConnect: true } ? connect : null;
        _abort = new RequestAbort(http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
    }

    public bool IsWebSocketRequest => Headers.SecWebSocketVersion == Refusal.SpokenVersion
        && (_connect is null ? IsHttp1Handshake : WebSocketRequest.Is(_connect.Protocol));

    /// <inheritdoc cref="StreamWebSocketOptions.CloseTimeout"/>
    public TimeSpan CloseTimeout { private get; set; } = Defaults.CloseTimeout;

    /// <inheritdoc cref="StreamWebSocketOptions.TimeProvider"/>
    public TimeProvider TimeProvider { private get; set; } = Defaults.TimeProvider;

    /// <summary>What may be agreed on about compression; null for nothing.</summary>
    public CompressionOptions? Compression { private get; set; }

    /// <summary>Whether frames may go straight to the socket where nothing lies between.</summary>
    public bool DirectWrites { private get; set; }

    /// <summary>Whether the server was asked to upgrade and did not.</summary>
    public bool IsRefused { get; private set; }

    private IHeaderDictionary Headers => _http.Request.Headers;

    private bool IsHttp1Handshake =>
        HttpMethods.IsGet(_http.Request.Method)
        && WebSocketRequest.Is(Headers.Upgrade)
        && Headers.GetCommaSeparatedValues(HeaderNames.Connection).Contains(HeaderNames.Upgrade, StringComparer.OrdinalIgnoreCase)
        && IsKey(Headers.SecWebSocketKey);

    /// <returns>
    /// Null when this is no upgrade of the server, or somebody else than the framework's middleware handles it, as under TestServer.
    /// </returns>
    public static WebSocketUpgrade? TryInstall(HttpContext http)
    {
        var features = http.Features;
        var upgrade = features.Get<IHttpUpgradeFeature>();
        var connect = features.Get<IHttpExtendedConnectFeature>();
        if (upgrade is not { IsUpgradableRequest: true } && connect is not { IsExtendedConnect: true })
            return null;
        if (features.Get<IHttpWebSocketFeature>() is { } webSockets && webSockets.GetType().DeclaringType != typeof(WebSocketMiddleware))
            return null;

        var ours = new WebSocketUpgrade(http, upgrade, connect);
        features.Set<IHttpWebSocketFeature>(ours);
        return ours;
    }

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context)
    {
        if (!IsWebSocketRequest)
            throw new InvalidOperationException("This is no WebSocket request: it cannot be accepted as one.");

        var response = _http.Response.Headers;
        if (context.SubProtocol is not null)
            response.SecWebSocketProtocol = context.SubProtocol;
        var compression = AgreeOnCompression(response);
        var stream = _connect is null ? await UpgradeAsync(response) : await _connect.AcceptAsync();
        return new StreamWebSocket(stream, new StreamWebSocketOptions
        {
            SubProtocol = context.SubProtocol,
            Compression = compression,
            KeepAliveInterval = context.KeepAliveInterval ?? TimeSpan.Zero,
            KeepAliveTimeout = context.KeepAliveTimeout ?? Defaults.KeepAliveTimeout,
            CloseTimeout = CloseTimeout,
            TimeProvider = TimeProvider,
            Abort = _abort.Abort,
            LeaveOpen = true,
            NeedsFlush = ((object?)_connect ?? _upgrade)!.GetType().Assembly != Kestrel,
            // Over HTTP/1.1 the connection is this request's alone.
            Socket = DirectWrites && _connect is null ? PlainSocket.Of(_http) : null,
            ConnectionSocket = _connect is null ? _http.Features.Get<IConnectionSocketFeature>()?.Socket : null,
        });
    }

    /// <inheritdoc cref="RequestAbort.Disarm"/>
    public void Disarm() => _abort.Disarm();

    private CompressionAgreement? AgreeOnCompression(IHeaderDictionary response)
    {
        if (Compression is null || !CompressionAgreement.TryAccept(Headers.SecWebSocketExtensions, Compression, out var agreement,
            out var extension))
        {
            return null;
        }

        response.SecWebSocketExtensions = extension;
        return agreement;
    }

    private async Task<Stream> UpgradeAsync(IHeaderDictionary response)
    {
        response.Connection = HeaderNames.Upgrade;
        response.Upgrade = WebSocketRequest.Protocol;
        response.SecWebSocketAccept = AcceptFor(Headers.SecWebSocketKey.ToString());
        IsRefused = true;
        var stream = await _upgrade!.UpgradeAsync();
        IsRefused = false;
        return stream;
    }

    /// <summary>Sixteen bytes in Base64 (RFC 6455, section 4.1).</summary>
    private static bool IsKey(string? key)
    {
        Span<byte> bytes = stackalloc byte[KeyLength + 2];
        return key is { Length: 24 } && Convert.TryFromBase64String(key, bytes, out var length) && length == KeyLength;
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455, section 4.2.2, asks for SHA-1.")]
    private static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
}
