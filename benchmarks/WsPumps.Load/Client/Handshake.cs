using System.Security.Cryptography;
using System.Text;

namespace WsPumps.Load.Client;

/// <summary>The client's side of the opening handshake (RFC 6455, section 4.1). The accept key is not checked: the servers are known.</summary>
internal sealed class Handshake
{
    private const int MaxAnswer = 4096;
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n";

    private readonly byte[] _answer = new byte[MaxAnswer];
    private int _length;

    /// <summary>Offers a session, for the server that keeps some; the others do not know the name, and choose none.</summary>
    public static byte[] Request(string path, bool offersCompression) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        $"Sec-WebSocket-Protocol: wspumps.resume.{RandomNumberGenerator.GetHexString(32, lowercase: true)}.0, wspumps.fresh\r\n{(offersCompression ? Offer : "")}\r\n");

    /// <summary>Consumes the answer.</summary>
    /// <returns>Whether it is complete. <paramref name="bytes"/> is then what came behind it.</returns>
    public bool TryComplete(ref ReadOnlySpan<byte> bytes)
    {
        var before = _length;
        var length = Math.Min(bytes.Length, _answer.Length - _length);
        bytes[..length].CopyTo(_answer.AsSpan(_length));
        _length += length;

        var answer = _answer.AsSpan(0, _length);
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return _length < MaxAnswer ? false : throw new LoadException("The server's answer to the handshake does not end.");
        if (!answer.StartsWith("HTTP/1.1 101"u8))
            throw new LoadException($"The server refused the handshake: {Encoding.ASCII.GetString(answer[..answer.IndexOf("\r\n"u8)])}");

        bytes = bytes[(end + 4 - before)..];
        return true;
    }
}
