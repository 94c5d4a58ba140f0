using System.Globalization;

namespace WsPumps.Compression;

/// <summary>One offer of permessage-deflate (RFC 7692, section 7.1).</summary>
internal sealed class DeflateOffer
{
    public const string Name = "permessage-deflate";

    /// <summary>What the client asks the server to keep to; null where it does not ask.</summary>
    public int? ServerMaxWindowBits { get; private set; }

    /// <summary>What the client says that it will keep to; null where it does not say.</summary>
    public int? ClientMaxWindowBits { get; private set; }

    /// <summary>
    /// The client prefers the earlier one; one that is malformed or has a parameter that is unknown is declined (section 7.1).
    /// </summary>
    public static DeflateOffer? FirstAcceptable(IEnumerable<string?> headers) => headers
        .SelectMany(header => Split(header ?? "", ','))
        .Select(Read)
        .FirstOrDefault(offer => offer is not null);

    private static DeflateOffer? Read(string extension)
    {
        var parts = Split(extension, ';').Select(part => part.Trim()).ToList();
        if (!parts[0].Equals(Name, StringComparison.OrdinalIgnoreCase))
            return null;

        var offer = new DeflateOffer();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.Skip(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? part : part[..equals]).Trim();
            var value = equals < 0 ? null : Unquoted(part[(equals + 1)..].Trim());
            if (!seen.Add(name) || !offer.Take(name, value))
                return null;
        }

        return offer;
    }

    /// <returns>Whether the parameter is known and its value is one that it may have.</returns>
    private bool Take(string name, string? value)
    {
        switch (name.ToLowerInvariant())
        {
            case "server_no_context_takeover" or "client_no_context_takeover":
                return value is null;
            case "server_max_window_bits":
                ServerMaxWindowBits = Bits(value);
                return ServerMaxWindowBits is not null;
            case "client_max_window_bits":
                ClientMaxWindowBits = Bits(value);
                return value is null || ClientMaxWindowBits is not null;
            default:
                return false;
        }
    }

    /// <summary>8 to 15, without leading zeros (section 7.1.2).</summary>
    private static int? Bits(string? value) =>
        value is { Length: 1 or 2 } && value[0] != '0' && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits is >= 8 and <= 15
            ? bits
            : null;

    private static string Unquoted(string value) => value is ['"', .. var quoted, '"'] ? quoted : value;

    /// <summary>At the separators that are not inside quotes.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            if (text[i] != separator || quoted)
                continue;
            parts.Add(text[start..i].Trim());
            start = i + 1;
        }

        parts.Add(text[start..].Trim());
        return parts;
    }
}
