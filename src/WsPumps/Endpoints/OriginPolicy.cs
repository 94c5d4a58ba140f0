using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace WsPumps.Endpoints;

/// <summary>
/// Decides whether the page that asks may connect. Done by the endpoint itself: the framework's own check is skipped where
/// another middleware came first, and allows everybody unless it is configured.
/// </summary>
internal sealed class OriginPolicy(IEnumerable<string> allowedOrigins)
{
    private const string Any = "*";

    private readonly HashSet<string> _allowed = new(allowedOrigins.Select(Normalize), StringComparer.OrdinalIgnoreCase);

    public bool Allows(HttpRequest request)
    {
        var origin = request.Headers[HeaderNames.Origin];
        if (origin.Count == 0 || _allowed.Contains(Any))
            return true;

        return origin.Count == 1 && (_allowed.Count == 0 ? IsSameOrigin(origin[0]!, request) : _allowed.Contains(Normalize(origin[0]!)));
    }

    public static bool IsValid(string origin) => origin == Any || TryParse(origin, out _);

    /// <summary>Takes <c>scheme://host[:port]</c> and nothing else: Uri itself also takes paths, user names, and <c>//host</c> as a file.</summary>
    private static bool TryParse(string origin, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(origin, UriKind.Absolute, out uri)
        && origin.StartsWith(uri.Scheme + Uri.SchemeDelimiter, StringComparison.OrdinalIgnoreCase)
        && uri is { Host.Length: > 0, UserInfo.Length: 0, Fragment.Length: 0, PathAndQuery: "" or "/" }
        && !origin.EndsWith('/');

    /// <summary>The scheme is not compared: behind a proxy that ends TLS the server does not know the one the page sees.</summary>
    private static bool IsSameOrigin(string origin, HttpRequest request)
    {
        if (!TryParse(origin, out var uri) || !request.Host.HasValue)
            return false;

        var host = request.Host;
        return string.Equals(uri.IdnHost, new HostString(host.Host).ToUriComponent().Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
            && (host.Port is { } port ? uri.Port == port : uri.IsDefaultPort);
    }

    /// <summary>Default ports left out, so that an origin has one spelling.</summary>
    private static string Normalize(string origin) =>
        TryParse(origin, out var uri) ? uri.GetLeftPart(UriPartial.Authority) : origin;
}
