using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WsPumps.Sessions;

/// <summary>What a client offers to resume its session, among the subprotocols of its request. docs/resume.md has the protocol.</summary>
/// <param name="Name">The name as it was offered, to be chosen.</param>
/// <param name="Secret">What only the client and this server know.</param>
/// <param name="Received">How many messages it has received in its session.</param>
internal sealed record ResumeOffer(string Name, UInt128 Secret, long Received)
{
    /// <summary>Chosen for a fresh session where the application has no subprotocol of its own.</summary>
    public const string Fresh = "wspumps.fresh";

    /// <summary>Offered by a client that wants to be told the server's count as the first message; never chosen.</summary>
    public const string Told = "wspumps.told";

    /// <summary>Offered by a client that has offered this secret before; never chosen. Only then other servers are asked for a session of
    /// which it has received nothing.</summary>
    public const string Again = "wspumps.again";

    private const string Prefix = "wspumps.resume.";
    private const int SecretLength = 32;

    /// <param name="offered">The subprotocols of the request.</param>
    /// <param name="malformed">How many names look like an offer and are none.</param>
    /// <returns>The first one that is well formed; null where there is none.</returns>
    public static ResumeOffer? Find(IEnumerable<string> offered, out int malformed)
    {
        malformed = 0;
        foreach (var name in offered)
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            if (TryParse(name, out var offer))
                return offer;

            malformed++;
        }

        return null;
    }

    private static bool TryParse(string name, [NotNullWhen(true)] out ResumeOffer? offer)
    {
        offer = null;
        var rest = name.AsSpan(Prefix.Length);
        if (rest.Length < SecretLength + 2 || rest[SecretLength] != '.')
            return false;
        if (!UInt128.TryParse(rest[..SecretLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var secret))
            return false;
        if (!long.TryParse(rest[(SecretLength + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var received))
            return false;

        offer = new ResumeOffer(name, secret, received);
        return true;
    }
}
