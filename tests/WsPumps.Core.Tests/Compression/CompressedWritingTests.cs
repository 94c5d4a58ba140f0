using System.Security.Cryptography;
using System.Text;

namespace WsPumps.Core.Tests.Compression;

/// <summary>What is sent where compression was agreed on.</summary>
public sealed class CompressedWritingTests
{
    private const byte PlainText = 0x81;
    private const byte CompressedText = 0xC1;

    private static readonly string Text = string.Concat(Enumerable.Range(0, 200).Select(i => $"{{\"id\":{i}}}"));

    [Fact]
    public async Task Write_SameMessageToAllKinds_EachGetsTheFormThatSuits()
    {
        await using var plain = new CompressedClient(compression: null);
        await using var compressed = new CompressedClient(new CompressionAgreement());
        await using var smallWindow = new CompressedClient(new CompressionAgreement { MaxWindowBits = 9 });
        PreparedMessage message = Text;
        foreach (var client in new[] { plain, compressed, smallWindow })
            client.Client.Write(message).Should().Be(WriteResult.Queued);

        (await plain.ReadFrameAsync()).Should().BeEquivalentTo((PlainText, Encoding.UTF8.GetBytes(Text)));
        (await smallWindow.ReadFrameAsync()).First.Should().Be(PlainText, "it reaches further back than that client allows");
        var (first, payload) = await compressed.ReadFrameAsync();
        first.Should().Be(CompressedText);
        payload.Length.Should().BeLessThan(Text.Length / 3);
        Encoding.UTF8.GetString(Deflated.Inflate(payload)).Should().Be(Text);
    }

    [Fact]
    public async Task Write_MessageInsideTheSmallWindow_IsCompressed()
    {
        await using var client = new CompressedClient(new CompressionAgreement { MaxWindowBits = 9, Threshold = 0 });
        client.Client.Write(new string('x', 512));
        client.Client.Write(new string('x', 513));

        (await client.ReadFrameAsync()).First.Should().Be(CompressedText);
        (await client.ReadFrameAsync()).First.Should().Be(PlainText);
    }

    [Fact]
    public async Task Write_BelowTheThresholdOrNotToBeCompressedOrNotShorter_IsPlain()
    {
        await using var client = new CompressedClient(new CompressionAgreement());
        var noise = RandomNumberGenerator.GetBytes(3000);
        client.Client.Write(new string('x', 1023));
        client.Client.Write(PreparedMessage.Text(Encoding.UTF8.GetBytes(Text)).With(new MessageOptions { Compress = false }));
        client.Client.Write(noise);
        client.Client.Write(new string('x', 1024));

        foreach (var first in new byte[] { PlainText, PlainText, 0x82, CompressedText })
            (await client.ReadFrameAsync()).First.Should().Be(first);
    }

    [Fact]
    public async Task Write_PlainBytes_AreCompressedToo()
    {
        await using var client = new CompressedClient();
        client.Client.Write(Message.Text(Encoding.UTF8.GetBytes(Text)));
        (await client.Client.WriteAsync(Message.Text(Encoding.UTF8.GetBytes(Text))).InTime()).Should().Be(WriteResult.Queued);

        for (var i = 0; i < 2; i++)
        {
            var (first, payload) = await client.ReadFrameAsync();
            first.Should().Be(CompressedText);
            Encoding.UTF8.GetString(Deflated.Inflate(payload)).Should().Be(Text);
        }
    }

    [Fact]
    public void Compressed_ManyThreads_IsMadeOnceAndSharedByCopies()
    {
        var message = PreparedMessage.Text(Encoding.UTF8.GetBytes(Text));
        var copies = Enumerable.Range(0, 32).Select(i => message.With(new MessageOptions { ConflationKey = $"{i}" })).ToArray();
        var frames = new PreparedMessage[32];
        Parallel.For(0, 32, i => frames[i] = copies[i].Compressed(System.IO.Compression.CompressionLevel.Optimal));

        for (var i = 0; i < 32; i++)
        {
            frames[i].Options!.ConflationKey.Should().Be($"{i}");
            frames[i].Detached().Should().BeSameAs(copies[i]);
            copies[i].Compressed(System.IO.Compression.CompressionLevel.Optimal).Should().BeSameAs(frames[i]);
            frames[i].Length.Should().BeLessThan(Text.Length);
        }
    }

    [Fact]
    public async Task QueueBounds_CountWhatIsOnTheWire()
    {
        await using var client = new CompressedClient(new CompressionAgreement(), new ClientOptions { MaxQueuedBytes = 64 * 1024 });
        client.Client.Write(new string('x', 1_000_000)).Should().Be(WriteResult.Queued);

        (await client.ReadFrameAsync()).First.Should().Be(CompressedText);
        client.Client.Statistics.BytesSent.Should().BeLessThan(2000);
    }

    [Fact]
    public async Task MessageDropped_OfACompressedMessage_TellsTheMessageItself()
    {
        var dropped = new List<PreparedMessage>();
        using var stalled = new QueueOnlyCompressed();
        stalled.Client.Events.MessageDropped += told => dropped.Add(told.Message);
        PreparedMessage first = Text + "1", second = Text + "2";
        stalled.Client.Write(first);
        stalled.Client.Write(second);

        await Task.CompletedTask;
        dropped.Should().Equal(first);
    }

    private sealed class QueueOnlyCompressed : IDisposable
    {
        private readonly StreamWebSocket _socket = new(DuplexStream.Pair().One, new StreamWebSocketOptions { Compression = new CompressionAgreement() });

        public QueueOnlyCompressed() => Client = new Client(_socket, new ClientSettings
        {
            Options = new ClientOptions { MaxQueuedMessages = 1, SlowClientPolicy = SlowClientPolicy.DropOldest },
        });

        public Client Client { get; }

        public void Dispose() => _socket.Dispose();
    }
}
