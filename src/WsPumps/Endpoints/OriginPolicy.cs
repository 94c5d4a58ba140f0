using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace WsPumps.Endpoints;

/// <summary>
/// Decides whether the page that asks may connect. Done by the endpoint itself: the framework's own check is skipped where
/// another middleware came first, and allows everybody unless it is configured.
/// </summary>
internal sealed class OriginPolicy
{
    private const string Any = "*";
    private const string SubDomains = "://*.";
    private const string ForwardedHost = "X-Forwarded-Host";

    private readonly HashSet<string> _allowed = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Uri> _parents = [];
    private readonly bool _sameOrigin;
    private readonly Func<HttpContext, string, bool>? _allowOrigin;
    private readonly bool _useForwardedHost;

    public OriginPolicy(WebSocketPumpsEndpointOptions options)
    {
        _allowOrigin = options.AllowOrigin;
        _useForwardedHost = options.UseForwardedHost;
        _sameOrigin = options.AllowedOrigins.Count == 0;
        foreach (var origin in options.AllowedOrigins)
        {
            if (TryParseParent(origin, out var parent))
                _parents.Add(parent);
            else
                _allowed.Add(Normalize(origin));
        }
    }

    public bool Allows(HttpContext http)
    {
        var origin = http.Request.Headers[HeaderNames.Origin];
        if (origin.Count == 0 || _allowed.Contains(Any))
            return true;

        return origin.Count == 1 && (IsAllowed(origin[0]!, http.Request) || (_allowOrigin?.Invoke(http, origin[0]!) ?? false));
    }

    public static bool IsValid(string origin) => origin == Any || TryParse(origin, out _) || TryParseParent(origin, out _);

    private bool IsAllowed(string origin, HttpRequest request) => _sameOrigin
        ? IsSameOrigin(origin, request)
        : _allowed.Contains(Normalize(origin)) || (TryParse(origin, out var uri) && _parents.Exists(parent => IsBelow(parent, uri)));

    /// <summary>
    /// Takes <c>scheme://host[:port]</c> and nothing else: Uri itself also takes paths, user names, and <c>//host</c> as a file.
    /// </summary>
    private static bool TryParse(string origin, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(origin, UriKind.Absolute, out uri)
        && origin.StartsWith(uri.Scheme + Uri.SchemeDelimiter, StringComparison.OrdinalIgnoreCase)
        && uri is { Host.Length: > 0, UserInfo.Length: 0, Fragment.Length: 0, PathAndQuery: "" or "/" }
        && !origin.EndsWith('/')
        && !origin.Contains('*', StringComparison.Ordinal);

    /// <summary>Takes <c>scheme://*.host[:port]</c>.</summary>
    private static bool TryParseParent(string origin, [NotNullWhen(true)] out Uri? parent)
    {
        parent = null;
        var at = origin.IndexOf(SubDomains, StringComparison.Ordinal);
        return at > 0
            && TryParse(origin.Remove(at + Uri.SchemeDelimiter.Length, "*.".Length), out parent)
            && parent.HostNameType is UriHostNameType.Dns;
    }

    private static bool IsBelow(Uri parent, Uri uri) =>
        uri.Scheme == parent.Scheme && uri.Port == parent.Port
            && uri.IdnHost.EndsWith('.' + parent.IdnHost, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Where the page was loaded from, as the server sees it. A page can set neither of the two headers, so to believe the forwarded one
    /// gives nothing to a foreign page. Of several proxies the first one is what the browser spoke to.
    /// </summary>
    private bool IsSameOrigin(string origin, HttpRequest request)
    {
        if (!TryParse(origin, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
            return false;
        if (_useForwardedHost && request.Headers[ForwardedHost] is [{ Length: > 0 } forwarded, ..])
            return IsAt(uri, new HostString(forwarded.Split(',')[0].Trim()));

        // Without TLS there may be a proxy before the server that ends it: only then is the scheme that the page saw unknown.
        return (!request.IsHttps || uri.Scheme == Uri.UriSchemeHttps) && IsAt(uri, request.Host);
    }

    private static bool IsAt(Uri uri, HostString host) =>
        host.HasValue
        && string.Equals(uri.IdnHost, AsciiOf(host), StringComparison.OrdinalIgnoreCase)
        && (host.Port is { } port ? uri.Port == port : uri.IsDefaultPort);

    /// <returns>Null for what is no host name.</returns>
    private static string? AsciiOf(HostString host)
    {
        try
        {
            return new HostString(host.Host).ToUriComponent().Trim('[', ']');
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Default ports left out, so that an origin has one spelling.</summary>
    private static string Normalize(string origin) =>
        TryParse(origin, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : origin;
}
