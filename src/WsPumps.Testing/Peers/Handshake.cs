using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using WsPumps.Testing.Frames;

namespace WsPumps.Testing.Peers;

/// <summary>The opening handshake of a peer (RFC 6455, section 4.1) over HTTP/1.1.</summary>
internal sealed class Handshake(PeerOptions options)
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private const string Extensions = "Sec-WebSocket-Extensions";

    /// <summary>That of the RFC: the same at each run.</summary>
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    public byte[] Request()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Host"] = "localhost",
            ["Connection"] = "Upgrade",
            ["Upgrade"] = "websocket",
            ["Sec-WebSocket-Version"] = "13",
            ["Sec-WebSocket-Key"] = Key,
        };
        if (options.SubProtocols.Count > 0)
            headers["Sec-WebSocket-Protocol"] = string.Join(", ", options.SubProtocols);
        if (options.OffersCompression)
            headers[Extensions] = MessageDeflate.Extension;
        foreach (var (name, value) in options.Headers)
            headers[name] = value;
        var lines = string.Concat(headers.Select(header => $"{header.Key}: {header.Value}\r\n"));
        return Encoding.UTF8.GetBytes($"GET {options.Path} HTTP/1.1\r\n{lines}\r\n");
    }

    /// <returns>The answer, without a peer.</returns>
    /// <exception cref="EndOfStreamException">The server ends the connection first.</exception>
    /// <exception cref="WireViolationException">It agrees, but not as the RFC demands.</exception>
    public static async Task<HandshakeResult> ReadAnswerAsync(ByteSource source)
    {
        var lines = await ReadHeadAsync(source).ConfigureAwait(false);
        var status = (HttpStatusCode)int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines.Skip(1)
            .Select(line => line.Split(':', 2))
            .GroupBy(header => header[0], header => header[1].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(header => header.Key, header => string.Join(", ", header), StringComparer.OrdinalIgnoreCase);
        if (status is HttpStatusCode.SwitchingProtocols && headers.GetValueOrDefault("Sec-WebSocket-Accept") != Accept())
            throw new WireViolationException("The server's Sec-WebSocket-Accept does not fit the key (section 4.2.2).");

        var body = status is HttpStatusCode.SwitchingProtocols ? "" : await ReadBodyAsync(source, headers).ConfigureAwait(false);
        return new HandshakeResult { Status = status, Headers = headers, Body = body };
    }

    /// <summary>Whether compression was agreed on, without a context that would have to be kept.</summary>
    /// <exception cref="WireViolationException">The server has chosen what was not offered, or another way than that.</exception>
    public bool HasAgreedOnCompression(HandshakeResult answer)
    {
        if (!answer.Headers.TryGetValue(Extensions, out var chosen))
            return false;
        // With a header of its own a test speaks the extension itself.
        if (options.Headers.ContainsKey(Extensions))
            return false;
        if (!options.OffersCompression)
            throw new WireViolationException($"The server has chosen '{chosen}', and nothing was offered (section 9.1).");

        var parts = chosen.Split(';', StringSplitOptions.TrimEntries);
        return parts[0] == MessageDeflate.Extension && parts.Contains("server_no_context_takeover") ? true
            : throw new WireViolationException($"The server has chosen '{chosen}': this peer reads messages that are compressed each by " +
                "itself.");
    }

    private static async Task<string[]> ReadHeadAsync(ByteSource source)
    {
        for (var length = 4; await source.FillAsync(length).ConfigureAwait(false); length++)
        {
            if (!source.Buffered[..length].EndsWith("\r\n\r\n"u8))
                continue;

            var head = Encoding.UTF8.GetString(source.Buffered[..(length - 4)]);
            source.Skip(length);
            return head.Split("\r\n");
        }

        throw new EndOfStreamException("The server ended the connection during the handshake.");
    }

    private static async Task<string> ReadBodyAsync(ByteSource source, Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("Content-Length", out var length))
            return await ReadTextAsync(source, int.Parse(length, CultureInfo.InvariantCulture)).ConfigureAwait(false);
        if (!headers.ContainsKey("Transfer-Encoding"))
            return "";

        var body = new StringBuilder();
        while (int.Parse(await ReadLineAsync(source).ConfigureAwait(false), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            is var chunk and > 0)
        {
            body.Append(await ReadTextAsync(source, chunk).ConfigureAwait(false));
            await ReadLineAsync(source).ConfigureAwait(false);
        }

        return body.ToString();
    }

    private static async Task<string> ReadLineAsync(ByteSource source)
    {
        var line = new StringBuilder();
        while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
            line.Append(await ReadTextAsync(source, 1).ConfigureAwait(false));
        return line.ToString().TrimEnd();
    }

    private static async Task<string> ReadTextAsync(ByteSource source, int length)
    {
        var bytes = new byte[length];
        return await source.ReadExactlyAsync(bytes).ConfigureAwait(false)
            ? Encoding.UTF8.GetString(bytes)
            : throw new EndOfStreamException("The server ended the connection during the handshake.");
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455, section 4.2.2, asks for SHA-1.")]
    private static string Accept() => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Key + KeySuffix)));
}
