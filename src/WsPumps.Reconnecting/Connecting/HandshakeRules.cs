using System.Globalization;
using System.Net;

namespace WsPumps.Connecting;

/// <summary>What follows from a handshake that brought no connection.</summary>
internal enum AfterHandshake
{
    /// <summary>Another attempt after a wait.</summary>
    Retry,

    /// <summary>One more attempt at once, with a fresh token; then it is over.</summary>
    RetryWithFreshToken,

    /// <summary>It is over.</summary>
    Stop,
}

/// <summary>What the status of a refused handshake means for coming back.</summary>
internal static class HandshakeRules
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <remarks>200 and redirections come from a captive portal, which lets the client through sooner or later.</remarks>
    public static AfterHandshake Judge(HttpStatusCode status) => (int)status switch
    {
        401 or 403 => AfterHandshake.RetryWithFreshToken,
        408 or 425 or 429 => AfterHandshake.Retry,
        >= 400 and < 500 => AfterHandshake.Stop,
        _ => AfterHandshake.Retry,
    };

    /// <summary>
    /// The time in the header <c>Retry-After</c> (RFC 9110, section 10.2.3): seconds or a date. Null for none, and for nonsense.
    /// </summary>
    public static TimeSpan? RetryAfter(string? header, DateTimeOffset now)
    {
        if (long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return seconds < LongestWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestWait;
        if (!DateTimeOffset.TryParseExact(header, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            return null;

        var wait = date - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait;
    }
}
