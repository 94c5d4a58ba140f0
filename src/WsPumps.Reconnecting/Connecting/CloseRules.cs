using System.Globalization;
using System.Net.WebSockets;

namespace WsPumps.Connecting;

/// <summary>What a close of the peer means for coming back.</summary>
internal static class CloseRules
{
    private const string HintBegins = "reconnect after ";
    private const string HintEnds = " ms";

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>
    /// What the peer has finished, cannot take or does not allow would end the same way again, unless it says when to come back.
    /// </summary>
    public static bool IsFinal(WebSocketCloseStatus status, string? reason, ICollection<WebSocketCloseStatus> stopStatuses) =>
        status is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.InvalidMessageType or WebSocketCloseStatus.InvalidPayloadData
        || (status is WebSocketCloseStatus.PolicyViolation && ToldDelay(status, reason) is null)
        || stopStatuses.Contains(status);

    /// <summary>
    /// When to come back, where a server that stops (1001), restarts (1012), is too busy (1013) or has a rule that allows it (1008) has
    /// said so at the end of its reason.
    /// </summary>
    public static TimeSpan? ToldDelay(WebSocketCloseStatus? status, string? reason)
    {
        if ((int?)status is not (1001 or 1008 or 1012 or 1013) || reason is null || !reason.EndsWith(HintEnds, StringComparison.Ordinal))
            return null;

        var begin = reason.LastIndexOf(HintBegins, StringComparison.Ordinal);
        if (begin < 0)
            return null;

        var digits = reason.AsSpan(begin + HintBegins.Length)[..^HintEnds.Length];
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            return null;

        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds < LongestWait.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : LongestWait;
    }
}
