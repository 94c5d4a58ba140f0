using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Clients;

/// <summary>RFC 6455, section 4.1, over a socket of its own.</summary>
internal static class Http1Handshake
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static async Task<RawWebSocketClient> ConnectAsync(IPEndPoint server, string path, bool tls, int? receiveBuffer = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // Before the connection is made, or the window that TCP announces is a larger one.
            if (receiveBuffer is { } size)
                socket.ReceiveBufferSize = size;
            await socket.ConnectAsync(server);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tls)
                stream = await EncryptAsync(stream);

            var source = new ByteSource(stream);
            await UpgradeAsync(stream, source, server, path);
            return new RawWebSocketClient(stream, source, socket, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> EncryptAsync(Stream stream)
    {
        var tls = new SslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = Certificate.IsOurs,
        });
        return tls;
    }

    private static async Task UpgradeAsync(Stream stream, ByteSource source, IPEndPoint server, string path)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"));

        var head = await ReadHeadAsync(source);
        head.Should().StartWith("HTTP/1.1 101 ");
        head.Should().Contain($"\r\nSec-WebSocket-Accept: {AcceptFor(key)}\r\n");
    }

    private static async Task<string> ReadHeadAsync(ByteSource source)
    {
        for (var length = 4; await source.FillAsync(length); length++)
        {
            if (!source.Buffered[..length].EndsWith("\r\n\r\n"u8))
                continue;

            var head = Encoding.ASCII.GetString(source.Buffered[..length]);
            source.Skip(length);
            return head;
        }

        throw new WireViolationException("The connection ended during the handshake.");
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "RFC 6455, section 4.2.2, asks for SHA-1.")]
    private static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
}
