using System.Net.WebSockets;

namespace WsPumps.Testing.Tests;

/// <summary>Peers that offer compression, and messages that the server streams to them.</summary>
public sealed class CompressingPeerTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 500).Select(i => $"{{\"id\":{i}}}"));
    private static readonly PeerOptions Offering = new() { OffersCompression = true };

    [Fact]
    public async Task Peer_ServerAgrees_MessagesGoCompressedBothWays()
    {
        await using var host = await StartAsync(new CompressionOptions());
        await using var peer = await host.ConnectAsync(Offering).InTime();

        await peer.SendAsync(Long);
        var answer = await peer.ReceiveAsync().InTime();

        peer.Compresses.Should().BeTrue();
        (answer.Text, answer.WasCompressed).Should().Be((Long, true));
        peer.Client.Statistics.Should().Match<ClientStatistics>(now => now.BytesReceived == Long.Length
            && now.CompressedBytesReceived < Long.Length / 2 && now.BytesSent < Long.Length / 2);
    }

    [Fact]
    public async Task Peer_ShortAndSecretMessages_ComeAsTheyAre()
    {
        await using var host = await StartAsync(new CompressionOptions());
        await using var peer = await host.ConnectAsync(Offering).InTime();

        peer.Client.Write("short");
        peer.Client.Write(PreparedMessage.Text(Long).With(new MessageOptions { Compress = false }));

        (await peer.ReceiveAsync().InTime()).WasCompressed.Should().BeFalse();
        (await peer.ReceiveAsync().InTime()).WasCompressed.Should().BeFalse();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Peer_NobodyOffersOrAgrees_NothingIsCompressed(bool offers, bool serverCompresses)
    {
        await using var host = await StartAsync(serverCompresses ? new CompressionOptions() : null);
        await using var peer = await host.ConnectAsync(new PeerOptions { OffersCompression = offers }).InTime();

        await peer.SendAsync(Long);

        peer.Compresses.Should().BeFalse();
        (await peer.ReceiveAsync().InTime()).WasCompressed.Should().BeFalse();
    }

    [Fact]
    public async Task Peer_FrameThatCannotBeDecompressed_IsAnsweredWith1007()
    {
        await using var host = await StartAsync(new CompressionOptions());
        await using var peer = await host.ConnectAsync(Offering).InTime();

        await peer.SendFrameAsync(1, new byte[] { 0xFF, 0xFF, 1, 2, 3 }, reservedBits: 4);

        await peer.ExpectCloseAsync(1007).InTime();
    }

    [Fact]
    public async Task Peer_MessageThatIsStreamed_ComesWhole()
    {
        await using var host = await StartAsync(new CompressionOptions());
        await using var peer = await host.ConnectAsync(Offering).InTime();
        await using var message = await peer.Client.OpenMessageAsync(WebSocketMessageType.Text);

        await message.WriteAsync("in several "u8.ToArray());
        await message.FlushAsync().InTime();
        await peer.ExpectNothingAsync().InTime();
        await message.WriteAsync("fragments"u8.ToArray());
        await message.CompleteAsync().InTime();

        await peer.ExpectAsync("in several fragments").InTime();
    }

    private static Task<PumpsTestHost> StartAsync(CompressionOptions? compression) => PumpsTestHost.StartEndpointAsync(endpoint =>
    {
        endpoint.Options.Compression = compression;
        endpoint.OnMessage((client, message, cancellationToken) => client.WriteAsync(message, cancellationToken));
    }).InTime();
}
