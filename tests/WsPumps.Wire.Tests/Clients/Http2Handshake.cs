using System.Net;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Clients;

/// <summary>RFC 8441: extended CONNECT. Each client has a connection of its own, unless a test says otherwise.</summary>
internal static class Http2Handshake
{
    public static async Task<RawWebSocketClient> ConnectAsync(IPEndPoint server, string path, bool tls)
    {
        var http = Invoker();
        try
        {
            return await ConnectAsync(http, http, server, path, tls);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <summary>What connects through the same one shares an HTTP/2 connection.</summary>
    public static HttpMessageInvoker Invoker() => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = Certificate.IsOurs },
    });

    /// <param name="http">The HTTP/2 connection.</param>
    /// <param name="owner">What ends with the client.</param>
    /// <param name="server">Where to.</param>
    /// <param name="path">The endpoint.</param>
    /// <param name="tls">Whether it is encrypted.</param>
    public static async Task<RawWebSocketClient> ConnectAsync(HttpMessageInvoker http, IDisposable owner, IPEndPoint server, string path, bool tls)
    {
        var response = await SendAsync(http, server, path, tls, "13");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        var stream = await response.Content.ReadAsStreamAsync();
        return new RawWebSocketClient(stream, new ByteSource(stream), null, owner);
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, IPEndPoint server, string path, bool tls, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Connect, $"{(tls ? "https" : "http")}://{server}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Protocol = "websocket" },
        };
        request.Headers.Add("Sec-WebSocket-Version", version);
        return await http.SendAsync(request, CancellationToken.None);
    }
}
