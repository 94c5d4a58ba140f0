using System.Globalization;
using System.Security.Cryptography;

namespace WsPumps.Resuming;

/// <summary>The names of the resume protocol on the wire; docs/resume.md is the protocol.</summary>
internal static class ResumeNames
{
    /// <summary>How many data messages of this session the server has received.</summary>
    public const string ReceivedHeader = "WsPumps-Received";

    /// <summary>How many data messages are lost for good, where the server knows it.</summary>
    public const string MissedHeader = "WsPumps-Missed";

    /// <summary>Offered for a fresh session where the application has no subprotocol of its own.</summary>
    public const string Fresh = "wspumps.fresh";

    /// <summary>Offered with a secret that was offered before: another server may have its session.</summary>
    public const string Again = "wspumps.again";

    private const string Common = "wspumps.";
    private const string Resume = "wspumps.resume.";

    public static string NewSecret() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public static string Offer(string secret, long received) => string.Create(CultureInfo.InvariantCulture, $"{Resume}{secret}.{received}");

    public static bool IsResumed(string? chosen) => chosen is not null && chosen.StartsWith(Resume, StringComparison.Ordinal);

    /// <summary>The subprotocol that the application has to do with.</summary>
    public static string? OfApplication(string? chosen) => chosen is null || chosen.StartsWith(Common, StringComparison.Ordinal)
        ? null : chosen;

    public static long? Count(string? header) => long.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        ? count : null;
}
