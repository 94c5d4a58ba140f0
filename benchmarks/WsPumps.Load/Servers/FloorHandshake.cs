using System.Security.Cryptography;
using System.Text;

namespace WsPumps.Load.Servers;

/// <summary>The server's side of the opening handshake (RFC 6455, section 4.2), for clients that make no mistakes.</summary>
internal static class FloorHandshake
{
    private const string KeyHeader = "Sec-WebSocket-Key:";
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static bool TryAnswer(ReadOnlySpan<byte> request, out byte[] answer, out bool isBroadcast)
    {
        (answer, isBroadcast) = ([], request.StartsWith("GET /broadcast"u8));
        if (!request.EndsWith("\r\n\r\n"u8))
            return false;

        var text = Encoding.ASCII.GetString(request);
        var start = text.IndexOf(KeyHeader, StringComparison.OrdinalIgnoreCase) + KeyHeader.Length;
        var key = text[start..text.IndexOf('\r', start)].Trim();
        answer = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {AcceptFor(key)}\r\n\r\n");
        return true;
    }

    // SHA-1 is what the RFC says; nothing is kept secret with it.
#pragma warning disable CA5350
    private static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350
}
