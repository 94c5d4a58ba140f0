using System.Net;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Clients;

/// <summary>RFC 8441: extended CONNECT. Each client has a connection of its own.</summary>
internal static class Http2Handshake
{
    public static async Task<RawWebSocketClient> ConnectAsync(IPEndPoint server, string path, bool tls)
    {
        var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = Certificate.IsOurs },
        });
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Connect, $"{(tls ? "https" : "http")}://{server}{path}")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Headers = { Protocol = "websocket" },
            };
            request.Headers.Add("Sec-WebSocket-Version", "13");

            var response = await http.SendAsync(request, CancellationToken.None);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            var stream = await response.Content.ReadAsStreamAsync();
            return new RawWebSocketClient(stream, new ByteSource(stream), null, http);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }
}
