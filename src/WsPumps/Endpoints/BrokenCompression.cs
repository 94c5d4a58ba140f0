using Microsoft.AspNetCore.Http;

namespace WsPumps.Endpoints;

/// <summary>Clients that offer compression and cannot read it.</summary>
internal static class BrokenCompression
{
    private static readonly string[] SafariVersions = ["Version/15.0", "Version/15.1", "Version/15.2", "Version/15.3"];

    /// <summary>Safari 15.0 to 15.3 fails on messages of more than a few kilobytes; 15.4 does not.</summary>
    public static bool IsNotIn(HttpContext http)
    {
        var userAgent = http.Request.Headers.UserAgent.ToString();
        return !userAgent.Contains("Safari/", StringComparison.Ordinal) || !SafariVersions.Any(version => Names(userAgent, version));
    }

    /// <summary>Not the first digits of a longer number.</summary>
    private static bool Names(string userAgent, string version)
    {
        var at = userAgent.IndexOf(version, StringComparison.Ordinal);
        return at >= 0 && (at + version.Length == userAgent.Length || !char.IsAsciiDigit(userAgent[at + version.Length]));
    }
}
