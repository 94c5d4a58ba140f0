using System.Reflection;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebSockets;

namespace WsPumps.Endpoints;

/// <summary>
/// Stands before the server's upgrade, for HTTP/1.1 and HTTP/2, so that the framework does the handshake as ever and the
/// stream it gets is a <see cref="FrameGate"/>.
/// </summary>
internal sealed class GatedUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature, IHttpRequestLifetimeFeature
{
    /// <summary>Kestrel's streams flush with each write. A second flush costs two locks more and moves nothing.</summary>
    private static readonly Assembly Kestrel = typeof(KestrelServer).Assembly;

    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly HttpContext _http;

    /// <summary>Held over the abort itself: a look before it would let the server begin its next request in between. The abort runs no code of the user's, who is told on the thread pool.</summary>
    private readonly Lock _abortLock = new();
    private bool _isOver;

    private GatedUpgrade(HttpContext http, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    {
        _http = http;
        _upgrade = upgrade;
        _connect = connect;
        _lifetime = http.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
    }

    /// <summary>Whether frames may go straight to the socket where nothing lies between.</summary>
    public bool DirectWrites { get; set; }

    /// <summary>The gate, once the request was upgraded.</summary>
    public FrameGate? Gate { get; private set; }

    public bool IsUpgradableRequest => _upgrade?.IsUpgradableRequest ?? false;

    public bool IsExtendedConnect => _connect?.IsExtendedConnect ?? false;

    public string? Protocol => _connect?.Protocol;

    public CancellationToken RequestAborted
    {
        get => _lifetime.RequestAborted;
        set => _lifetime.RequestAborted = value;
    }

    /// <returns>Null when this is no upgrade of the server, or somebody else than the framework's middleware handles it.</returns>
    public static GatedUpgrade? TryInstall(HttpContext http)
    {
        var features = http.Features;
        var upgrade = features.Get<IHttpUpgradeFeature>();
        var connect = features.Get<IHttpExtendedConnectFeature>();
        if (upgrade is not { IsUpgradableRequest: true } && connect is not { IsExtendedConnect: true })
            return null;
        if (features.Get<IHttpWebSocketFeature>() is { } webSockets && webSockets.GetType().DeclaringType != typeof(WebSocketMiddleware))
            return null;

        var gated = new GatedUpgrade(http, upgrade, connect);
        features.Set<IHttpUpgradeFeature>(gated);
        features.Set<IHttpExtendedConnectFeature>(gated);
        features.Set<IHttpRequestLifetimeFeature>(gated);
        // An earlier UseWebSockets holds on to the features as they were; the framework makes a new one of ours.
        features.Set<IHttpWebSocketFeature>(null);
        return gated;
    }

    /// <summary>Whether the server was asked to upgrade and did not.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>HTTP/1.1: the connection is this request's alone, so its socket can be written to directly.</summary>
    public async Task<Stream> UpgradeAsync()
    {
        IsRefused = true;
        var wire = await _upgrade!.UpgradeAsync();
        IsRefused = false;
        return Gate = new FrameGate(wire, AbortConnection, DirectWrites ? PlainSocket.Of(_http) : null, IsKestrels(_upgrade))
        {
            Connection = _http.Features.Get<IConnectionSocketFeature>()?.Socket,
        };
    }

    /// <summary>HTTP/2: the stream shares its connection with others.</summary>
    public async ValueTask<Stream> AcceptAsync() => Gate = new FrameGate(await _connect!.AcceptAsync(), AbortConnection, writesFlush: IsKestrels(_connect));

    private static bool IsKestrels(object feature) => feature.GetType().Assembly == Kestrel;

    /// <summary>The connection has ended. The server uses its objects for the next request, which a late abort must not hit.</summary>
    public void Disarm()
    {
        lock (_abortLock)
            _isOver = true;
    }

    /// <summary>
    /// The application's own abort; and the framework's when a WebSocket that met a protocol error is disposed, at the very end: what was last
    /// written to the peer may still be on its way then.
    /// </summary>
    public void Abort()
    {
        lock (_abortLock)
        {
            if (!_isOver || Gate is not { IsFailing: true })
                _lifetime.Abort();
        }
    }

    private void AbortConnection()
    {
        lock (_abortLock)
        {
            if (!_isOver)
                _lifetime.Abort();
        }
    }
}
