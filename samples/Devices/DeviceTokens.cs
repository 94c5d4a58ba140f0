using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Devices;

/// <summary>
/// Who a device is: its id and an end, signed with a key of the server. It comes as a subprotocol beside the real one, because that is the one
/// header which every WebSocket client can set, and which no log writes down, as it does the address.
/// </summary>
internal sealed partial class DeviceTokens(string key)
{
    public const string SubProtocol = "devices.v1";

    public const string Prefix = "token.";

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    /// <summary>The subprotocols that a device with this token offers.</summary>
    public static IEnumerable<string> Offer(string token) => [SubProtocol, Prefix + token];

    /// <exception cref="ArgumentException">The id has other characters than letters, digits and hyphens.</exception>
    public string Issue(string device, DateTimeOffset expires)
    {
        if (!DeviceId().IsMatch(device))
            throw new ArgumentException($"'{device}' is no id of a device: 1 to 64 letters, digits and hyphens.", nameof(device));

        var claim = string.Create(CultureInfo.InvariantCulture, $"{device}.{expires.ToUnixTimeSeconds()}");
        return $"{claim}.{Sign(claim)}";
    }

    /// <returns>The device as a user, and until when; null where the token is missing, false or too old.</returns>
    public (ClaimsPrincipal User, DateTimeOffset Expires)? Authenticate(string? token, DateTimeOffset now)
    {
        if (token?.Split('.') is not [var device, var end, var signature])
            return null;

        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign($"{device}.{end}")), Encoding.ASCII.GetBytes(signature)))
            return null;

        var expires = DateTimeOffset.FromUnixTimeSeconds(long.Parse(end, CultureInfo.InvariantCulture));
        return now < expires ? (new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, device)], "DeviceToken")), expires) : null;
    }

    private string Sign(string claim) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes(claim)));

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$")]
    private static partial Regex DeviceId();
}
