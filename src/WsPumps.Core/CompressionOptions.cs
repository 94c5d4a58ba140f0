using System.IO.Compression;

namespace WsPumps;

/// <summary>
/// Compression of messages (permessage-deflate, RFC 7692), where the peer offers it. Each message is compressed by itself, without the
/// context of those before it: a broadcast is compressed once for everybody, and an idle connection holds no memory for it.
/// </summary>
/// <remarks>A secret beside text that an attacker chooses can be guessed from the length of the result; see
/// <see cref="MessageOptions.Compress"/>.</remarks>
public sealed class CompressionOptions
{
    /// <summary>Messages shorter than this are sent uncompressed: compressing them would cost more than it saves.</summary>
    /// <value>0 to 1,073,741,824 bytes of payload. Default: 1,024.</value>
    public int Threshold { get; set; } = 1024;

    /// <summary>
    /// The compression level. A message for clients with different levels is compressed once, with the level of the first.
    /// </summary>
    /// <value>Default: <see cref="CompressionLevel.Optimal"/>.</value>
    public CompressionLevel Level { get; set; } = CompressionLevel.Optimal;

    /// <summary>
    /// The window of what the server sends, as the exponent of a power of two in bytes (RFC 7692, section 7.1.2). A client may ask for a
    /// smaller one; it then gets messages longer than that uncompressed.
    /// </summary>
    /// <value>9 to 15. Default: 15.</value>
    public int ServerMaxWindowBits { get; set; } = 15;

    /// <summary>A copy, for one endpoint or one connection.</summary>
    internal CompressionOptions Copy() => (CompressionOptions)MemberwiseClone();

    /// <returns>A sentence for each rule that is broken; empty when all is well.</returns>
    internal IEnumerable<string> Validate()
    {
        if (Threshold is < 0 or > 1024 * 1024 * 1024)
            yield return $"{nameof(CompressionOptions)}.{nameof(Threshold)} is {Threshold}; it must be between 0 and {1024 * 1024 * 1024}.";
        if (!Enum.IsDefined(Level))
        {
            yield return $"{nameof(CompressionOptions)}.{nameof(Level)} is {Level}; it must be one of " +
                $"{string.Join(", ", Enum.GetNames<CompressionLevel>())}.";
        }

        if (ServerMaxWindowBits is < 9 or > 15)
        {
            yield return $"{nameof(CompressionOptions)}.{nameof(ServerMaxWindowBits)} is {ServerMaxWindowBits}; it must be between 9 and " +
                "15.";
        }
    }
}
