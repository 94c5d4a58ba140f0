using System.IO.Compression;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using WsPumps.Wire.Tests.Hosting;

namespace WsPumps.Wire.Tests.Conformance;

/// <summary>RFC 7692 with the platform's client, over HTTP/1.1 and HTTP/2.</summary>
public sealed class CompressionTests
{
    [Theory]
    [InlineData(1, 15)]
    [InlineData(2, 15)]
    [InlineData(2, 9)]
    public async Task Messages_OfEveryLength_ComeBack(int httpVersion, int windowBits)
    {
        await using var server = await WireServer.StartEchoAsync(endpoint =>
            (endpoint.Options.Compression, endpoint.Options.MaxMessageSize) = (new CompressionOptions { Threshold = 0 }, 1 << 20));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var peer = new ClientWebSocket();
        (peer.Options.HttpVersion, peer.Options.HttpVersionPolicy) = (new Version(httpVersion, httpVersion == 1 ? 1 : 0), HttpVersionPolicy.RequestVersionExact);
        peer.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ServerMaxWindowBits = windowBits, ClientMaxWindowBits = windowBits };
        peer.Options.CollectHttpResponseDetails = true;
        await peer.ConnectAsync(new Uri($"ws://{server.EndPoint(httpVersion - 1)}{WireServer.Path}"), http, CancellationToken.None).InTime();
        peer.HttpResponseHeaders!["Sec-WebSocket-Extensions"].Single().Should().StartWith("permessage-deflate");

        foreach (var length in new[] { 0, 1, 100, 512, 513, 5000, 70_000, 1 << 20 })
        {
            var text = string.Concat(Enumerable.Range(0, (length / 8) + 1).Select(i => $"{i % 977:D8}"))[..length];
            await peer.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None).InTime();
            (await ReceiveAsync(peer)).Should().Be(text);
        }

        peer.HttpStatusCode.Should().Be(httpVersion == 1 ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.OK);
    }

    /// <summary>What public conformance suites send: lengths up to 128 KiB, whole and in fragments, with each window, with and without context.</summary>
    [Theory]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.SmallestSize)]
    [InlineData(CompressionLevel.NoCompression)]
    public async Task Messages_OfEachLevelAndWindow_ComeBack(CompressionLevel level)
    {
        await using var server = await WireServer.StartEchoAsync(endpoint =>
            (endpoint.Options.Compression, endpoint.Options.MaxMessageSize) =
            (new CompressionOptions { Threshold = 0, Level = level }, 1 << 20));
        foreach (var keepsContext in new[] { true, false })
        {
            for (var windowBits = 9; windowBits <= 15; windowBits++)
            {
                using var peer = new ClientWebSocket();
                peer.Options.DangerousDeflateOptions = new WebSocketDeflateOptions
                {
                    ServerMaxWindowBits = windowBits,
                    ClientMaxWindowBits = windowBits,
                    ServerContextTakeover = keepsContext,
                    ClientContextTakeover = keepsContext,
                };
                await peer.ConnectAsync(new Uri($"ws://{server.EndPoint(0)}{WireServer.Path}"), CancellationToken.None).InTime();
                for (var length = 16; length <= 128 * 1024; length *= 8)
                {
                    var text = string.Concat(Enumerable.Range(0, length / 8).Select(i => $"{i * 31 % 977:D8}"));
                    await SendAsync(peer, Encoding.UTF8.GetBytes(text), fragment: length);
                    (await ReceiveAsync(peer)).Should().Be(text);
                    await SendAsync(peer, Encoding.UTF8.GetBytes(text), fragment: Math.Max(1, length / 4));
                    (await ReceiveAsync(peer)).Should().Be(text, $"it came in fragments, with a window of {windowBits} bits");
                }
            }
        }
    }

    private static async Task SendAsync(ClientWebSocket peer, byte[] text, int fragment)
    {
        for (var start = 0; start < text.Length; start += fragment)
        {
            var length = Math.Min(fragment, text.Length - start);
            await peer.SendAsync(text.AsMemory(start, length), WebSocketMessageType.Text, start + length == text.Length, CancellationToken.None).InTime();
        }
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket peer)
    {
        var buffer = new byte[(1 << 20) + 1];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await peer.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None).InTime();
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
