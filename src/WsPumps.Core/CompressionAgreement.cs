using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using WsPumps.Compression;

namespace WsPumps;

/// <summary>What the two ends of a connection agreed on about compression in the handshake (RFC 7692).</summary>
public sealed class CompressionAgreement
{
    private const int MaxBits = 15;

    /// <inheritdoc cref="CompressionOptions.Threshold"/>
    public int Threshold { get; init; } = 1024;

    /// <inheritdoc cref="CompressionOptions.Level"/>
    public CompressionLevel Level { get; init; } = CompressionLevel.Optimal;

    /// <summary>
    /// The window that this end may use, as the exponent of a power of two in bytes (RFC 7692, section 7.1.2). Below 15, messages that are
    /// longer than the window are sent uncompressed.
    /// </summary>
    /// <value>8 to 15. Default: 15.</value>
    public int MaxWindowBits { get; init; } = 15;

    /// <summary>
    /// Whether what the peer sends may refer to its earlier messages, so that the window is kept between them (RFC 7692, section 7.1.1).
    /// </summary>
    /// <value>Default: false.</value>
    public bool PeerKeepsContext { get; init; }

    /// <summary>Chooses one of a client's offers, on the server (RFC 7692, section 7.1).</summary>
    /// <param name="offers">The values of <c>Sec-WebSocket-Extensions</c> in the request.</param>
    /// <param name="options">What the server wants.</param>
    /// <param name="agreement">What was agreed on.</param>
    /// <param name="response">The value of the same header in the response.</param>
    /// <returns>False where no offer is acceptable: then nothing is compressed, and the header is left out of the response.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static bool TryAccept(IEnumerable<string?> offers, CompressionOptions options,
        [NotNullWhen(true)] out CompressionAgreement? agreement, [NotNullWhen(true)] out string? response)
    {
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate().FirstOrDefault() is { } failure)
            throw new ArgumentException(failure, nameof(options));

        (agreement, response) = (null, null);
        if (DeflateOffer.FirstAcceptable(offers) is not { } offer)
            return false;

        var bits = Math.Min(offer.ServerMaxWindowBits ?? MaxBits, options.ServerMaxWindowBits);
        response = DeflateOffer.Name + "; server_no_context_takeover; client_no_context_takeover";
        if (bits < MaxBits)
            response += $"; server_max_window_bits={bits}";
        // We could read any; but there are clients that take no answer for a refusal.
        if (offer.ClientMaxWindowBits < MaxBits)
            response += $"; client_max_window_bits={offer.ClientMaxWindowBits}";
        agreement = new CompressionAgreement { Threshold = options.Threshold, Level = options.Level, MaxWindowBits = bits };
        return true;
    }

    /// <summary>
    /// Whether a message of this length is compressed. What we compress refers up to 32 KiB back, and never to before its own beginning.
    /// </summary>
    internal bool Covers(int length) => length >= Threshold && (MaxWindowBits == MaxBits || length <= 1 << MaxWindowBits);

    /// <summary>The form in which a message goes to the peer.</summary>
    internal PreparedMessage FormOf(PreparedMessage message) =>
        message.Options is not { Compress: false } && Covers(message.Length) ? message.Compressed(Level) : message;
}
