using System.Net.WebSockets;
using System.Text;

namespace WsPumps.Core.Tests.Streaming;

public sealed class MessageStreamTests
{
    private const int Fragment = 60 * 1024;

    private static readonly byte[] Bytes = RandomBytes(300_000);

    [Fact]
    public async Task Write_MoreThanABuffer_GoesOutAsFragmentsOfOneMessage()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        var reading = streaming.ReadMessageAsync();
        for (var at = 0; at < Bytes.Length; at += 1000)
            await message.WriteAsync(Bytes.AsMemory(at, 1000)).InTime();
        await message.CompleteAsync().InTime();

        var frames = await reading;
        frames.Select(frame => frame.Opcode).Should().Equal([WireOpcode.Binary, .. Enumerable.Repeat(WireOpcode.Continuation, frames.Count - 1)]);
        frames.Should().OnlyContain(frame => frame.Payload.Length <= Fragment);
        frames.SkipLast(1).Should().OnlyContain(frame => frame.Payload.Length >= Fragment / 2, "fragments are no smaller than they must be");
        frames.SelectMany(frame => frame.Payload).Should().Equal(Bytes);
        streaming.Client.Statistics.Should().Match<ClientStatistics>(now => now.MessagesSent == 1 && now.BytesSent == Bytes.Length && now.QueuedMessages == 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Fragment - 10)]
    public async Task Complete_WhatFitsOneBuffer_IsOneFrame(int length)
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, length)).InTime();
        await message.CompleteAsync().InTime();

        (await streaming.ReadFrameAsync()).Should().BeEquivalentTo(new { Fin = true, Opcode = WireOpcode.Binary, Payload = Bytes[..length] });
    }

    [Fact]
    public async Task Flush_AnyLength_LeavesAtOnce()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync(WebSocketMessageType.Text);
        await message.WriteAsync("a"u8.ToArray());
        await message.FlushAsync().InTime();

        (await streaming.ReadFrameAsync()).Should().BeEquivalentTo(new { Fin = false, Opcode = WireOpcode.Text, Text = "a" });
    }

    [Fact]
    public async Task Write_Synchronous_GoesOutAsWell()
    {
        await using var streaming = new StreamingClient();
        var reading = streaming.ReadMessageAsync();
        await Task.Run(async () =>
        {
            await using var message = await streaming.OpenAsync();
            message.Write(Bytes);
            message.Flush();
            await message.CompleteAsync();
        }).InTime();

        (await reading).SelectMany(frame => frame.Payload).Should().Equal(Bytes);
    }

    [Fact]
    public async Task Messages_QueuedBeforeAndWhileItIsOpen_GoBeforeAndBehindIt()
    {
        await using var streaming = new StreamingClient();
        streaming.Client.Write("before");
        var message = await streaming.OpenAsync(WebSocketMessageType.Text);
        await using (message)
        {
            streaming.Client.Write("behind");
            await message.WriteAsync("with"u8.ToArray());
            await message.FlushAsync().InTime();
            streaming.Client.Write("behind it too");
            (await streaming.ReadFrameAsync()).Text.Should().Be("before");
            (await streaming.ReadFrameAsync()).Text.Should().Be("with");
            streaming.Client.Statistics.QueuedMessages.Should().Be(3, "an open message is one as well");

            await message.WriteAsync("in"u8.ToArray());
            await message.CompleteAsync().InTime();
        }

        (await streaming.ReadFrameAsync()).Should().BeEquivalentTo(new { Fin = true, Opcode = WireOpcode.Continuation, Text = "in" });
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind it too");
    }

    [Fact]
    public async Task Ping_WithinAMessage_IsAnsweredBetweenItsFragments()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, 10));
        await message.FlushAsync().InTime();
        (await streaming.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Binary);

        await streaming.SendAsync(WireOpcode.Ping, "there?"u8.ToArray());
        (await streaming.ReadFrameAsync()).Should().BeEquivalentTo(new { Opcode = WireOpcode.Pong, Text = "there?" });

        await message.CompleteAsync().InTime();
        (await streaming.ReadFrameAsync()).Opcode.Should().Be(WireOpcode.Continuation);
    }

    [Fact]
    public async Task Write_PeerDoesNotRead_WaitsWithAFewFragmentsInMemory()
    {
        await using var streaming = new StreamingClient(room: 4096);
        await using var message = await streaming.OpenAsync();
        var written = 0;
        while (written < 1000)
        {
            var writing = message.WriteAsync(Bytes.AsMemory(0, 1000)).AsTask();
            if (await Task.WhenAny(writing, Task.Delay(500)) != writing)
            {
                streaming.Client.Statistics.QueuedBytes.Should().BeLessThan(3 * Fragment);
                var reading = streaming.ReadMessageAsync();
                await writing.InTime();
                written++;
                await message.CompleteAsync().InTime();
                (await reading).Sum(frame => frame.Payload.Length).Should().Be(written * 1000);
                return;
            }

            written++;
        }

        throw new InvalidOperationException("Nothing has made it wait.");
    }

    [Fact]
    public async Task Queue_WhileAMessageIsOpen_KeepsToItsBoundsAndPolicy()
    {
        var options = new ClientOptions { MaxQueuedMessages = 4, SlowClientPolicy = SlowClientPolicy.DropOldest };
        await using var streaming = new StreamingClient(settings: new ClientSettings { Options = options });
        var message = await streaming.OpenAsync(WebSocketMessageType.Text);
        for (var i = 0; i < 10; i++)
            streaming.Client.Write($"{i}").Should().Be(WriteResult.Queued);
        await message.WriteAsync("first"u8.ToArray());
        await message.CompleteAsync().InTime();

        var texts = new List<string>();
        for (var i = 0; i < 5; i++)
            texts.Add((await streaming.ReadFrameAsync()).Text);
        texts.Should().Equal("first", "6", "7", "8", "9");
        streaming.Client.Abort();
        var record = await streaming.EndAsync();
        (record.MessagesSent, record.MessagesDropped, record.MessagesUnsent).Should().Be((5, 6, 0));
    }

    [Fact]
    public async Task Queue_FullOfMessagesThatDisconnect_EndsTheMessageToo()
    {
        await using var streaming = new StreamingClient(settings: new ClientSettings { Options = new ClientOptions { MaxQueuedMessages = 2 } });
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, 10));
        await message.FlushAsync().InTime();
        (await streaming.ReadFrameAsync()).Fin.Should().BeFalse();
        for (var i = 0; i < 3; i++)
            streaming.Client.Write("x");

        await message.Awaiting(open => open.CompleteAsync().InTime()).Should().ThrowAsync<IOException>().WithMessage("*ended before the message was sent whole*");
        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1008);
    }

    [Fact]
    public async Task WaitForDrain_MessageOpen_WaitsForItsEnd()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        await message.FlushAsync();
        var drained = streaming.Client.WaitForDrainAsync();
        drained.IsCompleted.Should().BeFalse();

        await message.CompleteAsync().InTime();
        (await drained.InTime()).Should().BeTrue();
    }

    [Fact]
    public async Task OtherClients_OfTheSameLanes_GoOn()
    {
        await using var stalled = new StreamingClient(room: 1024);
        await using var idle = new StreamingClient();
        await using var message = await stalled.OpenAsync();
        await using var opened = await idle.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, Fragment + 1000)).InTime();

        for (var i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            await using var other = new StreamingClient();
            other.Client.Write("hello");
            (await other.ReadFrameAsync()).Text.Should().Be("hello");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_ClientRoleOrForeignSocket_ArrivesWhole(bool isOurs)
    {
        var (one, other) = DuplexStream.Pair();
        using WebSocket socket = isOurs
            ? new StreamWebSocket(one, new StreamWebSocketOptions { IsServer = false })
            : WebSocket.CreateFromStream(one, new WebSocketCreationOptions { IsServer = true });
        using var peer = WebSocket.CreateFromStream(other, new WebSocketCreationOptions { IsServer = isOurs });
        var client = new Client(socket);
        var pumps = Task.WhenAll(client.WritePumpAsync(_ => { }, TimeSpan.Zero, default), client.ReadPumpAsync(_ => { }, [], default));

        var sending = client.SendAsync(new MemoryStream(Bytes), WebSocketMessageType.Binary);
        client.Write("behind");
        var received = new MemoryStream();
        var (parts, buffer) = (0, new byte[100_000]);
        ValueWebSocketReceiveResult part;
        do
        {
            part = await peer.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).InTime();
            part.MessageType.Should().Be(WebSocketMessageType.Binary);
            received.Write(buffer, 0, part.Count);
            parts++;
        }
        while (!part.EndOfMessage);

        await sending.InTime();
        parts.Should().BeGreaterThan(1);
        received.ToArray().Should().Equal(Bytes);
        part = await peer.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).InTime();
        (part.MessageType, part.EndOfMessage, Encoding.UTF8.GetString(buffer, 0, part.Count)).Should().Be((WebSocketMessageType.Text, true, "behind"));
        client.Abort();
        await pumps.InTime();
    }

    [Fact]
    public async Task Message_CompressionAgreed_IsSentUncompressed()
    {
        await using var streaming = new StreamingClient(socket: stream => new StreamWebSocket(stream,
            new StreamWebSocketOptions { Compression = new CompressionAgreement { Threshold = 0 } }));
        await using var message = await streaming.OpenAsync(WebSocketMessageType.Text);
        await message.WriteAsync("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"u8.ToArray());
        await message.CompleteAsync().InTime();

        (await streaming.ReadFrameAsync()).Text.Should().StartWith("aaa", "the reader refuses reserved bits");
    }

    [Fact]
    public async Task Open_ClientFromScratch_SaysThatItCannot()
    {
        IClient client = new RecordingClient();
        await client.Awaiting(one => one.OpenMessageAsync(WebSocketMessageType.Text).AsTask()).Should().ThrowAsync<NotSupportedException>().WithMessage("*cannot stream*");
    }

    [Fact]
    public async Task Open_TypeThatIsNone_IsRefused()
    {
        await using var streaming = new StreamingClient();
        await streaming.Client.Awaiting(client => client.OpenMessageAsync(WebSocketMessageType.Close).AsTask()).Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
