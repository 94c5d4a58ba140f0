using System.Buffers.Binary;
using System.Security.Cryptography;

namespace WsPumps.Clustering;

/// <summary>
/// How a session is spoken of between nodes, derived from its secret: who reads what goes over the engine learns neither the secret nor
/// what the session holds, and who does not know the secret cannot ask for it.
/// </summary>
internal sealed class SessionSeal
{
    /// <summary>Another one with each version of what is sealed: nodes of two versions do not understand each other then.</summary>
    private const string Purpose = "wspumps session 1";

    private const int IdLength = 16;
    private const int KeyLength = 32;

    private readonly byte[] _key;

    private SessionSeal(UInt128 id, byte[] key) => (Id, _key) = (id, key);

    /// <summary>Names the session.</summary>
    public UInt128 Id { get; }

    /// <param name="secret">What the client has invented.</param>
    /// <param name="endpoint">What the endpoint is called on every node.</param>
    /// <param name="userId">Whose it is; null for nobody.</param>
    /// <param name="origin">Of the page; null for none.</param>
    public static SessionSeal Of(UInt128 secret, string endpoint, string? userId, string? origin)
    {
        var info = BodyWriter.Begin();
        info.WriteText(Purpose);
        info.WriteText(endpoint);
        info.WriteTexts(userId is null ? [] : [userId]);
        info.WriteTexts(origin is null ? [] : [origin]);
        Span<byte> known = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(known, secret);
        Span<byte> derived = stackalloc byte[IdLength + KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, known, derived, salt: [], info: info.ToArray());
        return new SessionSeal(BinaryPrimitives.ReadUInt128BigEndian(derived), derived[IdLength..].ToArray());
    }

    /// <param name="content">What only who knows the secret may read.</param>
    /// <param name="context">What it is said with, and in the open: the same content cannot be sent again with something else.</param>
    public byte[] Seal(ReadOnlySpan<byte> content, ReadOnlySpan<byte> context)
    {
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        var data = new byte[nonce + tag + content.Length];
        RandomNumberGenerator.Fill(data.AsSpan(0, nonce));
        using var cipher = new AesGcm(_key, tag);
        cipher.Encrypt(data.AsSpan(0, nonce), content, data.AsSpan(nonce + tag), data.AsSpan(nonce, tag), context);
        return data;
    }

    /// <returns>Null when nobody who knows the secret has sealed it so.</returns>
    public byte[]? TryOpen(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context)
    {
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        if (data.Length < nonce + tag)
            return null;

        var content = new byte[data.Length - nonce - tag];
        using var cipher = new AesGcm(_key, tag);
        try
        {
            cipher.Decrypt(data[..nonce], data[(nonce + tag)..], data.Slice(nonce, tag), content, context);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
