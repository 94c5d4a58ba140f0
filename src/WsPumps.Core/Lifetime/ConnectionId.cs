using System.Buffers.Text;
using System.Security.Cryptography;

namespace WsPumps.Lifetime;

/// <summary>Ids that cannot be guessed and never repeat: 128 random bits, base64url.</summary>
internal static class ConnectionId
{
    public static string New()
    {
        Span<byte> bits = stackalloc byte[16];
        RandomNumberGenerator.Fill(bits);
        return Base64Url.EncodeToString(bits);
    }
}
