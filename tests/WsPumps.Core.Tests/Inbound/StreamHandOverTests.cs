using WsPumps.Core.Tests.Streaming;

namespace WsPumps.Core.Tests.Inbound;

/// <summary>The handler's reads run the pump; where there are none for a while, the pump goes on without them.</summary>
public sealed class StreamHandOverTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task Read_LargeFrame_FillsTheBufferOfTheReader()
    {
        var sizes = new TaskCompletionSource<List<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = Signal();
        await using var streaming = Streaming(async (_, message, cancellationToken) =>
        {
            var (buffer, read) = (new byte[1024 * 1024], new List<int>());
            var first = message.Stream.ReadAsync(buffer, cancellationToken);
            reading.SetResult();
            for (var count = await first; count > 0; count = await message.Stream.ReadAsync(buffer, cancellationToken))
                read.Add(count);
            sizes.SetResult(read);
        });
        await streaming.SendAsync(WireOpcode.Binary, [], final: false);
        await reading.Task.InTime();
        await SendAsync(streaming, Bytes, isFinal: true, isFirst: false);

        var all = await sizes.Task.InTime();
        all.Sum().Should().Be(Bytes.Length);
        all.Max().Should().BeInRange(16 * 1024 + 1, IncomingMessage.MaxBuffered, "it does not come through the segments of a pipe");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ping_WhileTheHandlerIsAtWorkOnAPart_IsAnswered(bool blocksItsThread)
    {
        var (read, release, received) = (Signal(), Signal(), new Received());
        await using var streaming = Streaming(async (client, message, cancellationToken) =>
        {
            await message.Stream.ReadExactlyAsync(new byte[5000], cancellationToken);
            read.SetResult();
            if (blocksItsThread)
                release.Task.WaitAsync(Limit.Time, CancellationToken.None).GetAwaiter().GetResult();
            else
                await release.Task;
            await received.ReadAllAsync(client, message, cancellationToken);
        });
        await SendAsync(streaming, Bytes[..5000], isFinal: false);
        await read.Task.InTime();
        await streaming.SendAsync(WireOpcode.Ping, "there?"u8.ToArray());

        (await streaming.ReadFrameAsync()).Should().BeEquivalentTo(new { Opcode = WireOpcode.Pong, Text = "there?" });
        await SendAsync(streaming, Bytes[5000..], isFinal: true, isFirst: false);
        release.SetResult();
        (await received.NextAsync()).Bytes.Should().Equal(Bytes[5000..]);
    }

    [Fact]
    public async Task Read_Cancelled_LosesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        var (reading, received) = (Signal(), new Received());
        await using var streaming = Streaming(async (client, message, cancellationToken) =>
        {
            var first = message.Stream.ReadAsync(new byte[8192], cancelled.Token).AsTask();
            reading.SetResult();
            await first.Awaiting(task => task.InTime()).Should().ThrowAsync<OperationCanceledException>();
            await received.ReadAllAsync(client, message, cancellationToken);
        });
        await streaming.SendAsync(WireOpcode.Binary, [], final: false);
        await reading.Task.InTime();
        await cancelled.CancelAsync();
        await SendAsync(streaming, Bytes, isFinal: true, isFirst: false);

        (await received.NextAsync()).Bytes.Should().Equal(Bytes);
    }

    [Fact]
    public async Task Read_TwoAtOnce_SaysSoAndHarmsNeither()
    {
        var (said, received) = (new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously), new Received());
        await using var streaming = Streaming(async (client, message, cancellationToken) =>
        {
            var first = message.Stream.ReadAsync(new byte[5000], cancellationToken).AsTask();
            said.SetResult(await Record.ExceptionAsync(async () => _ = await message.Stream.ReadAtLeastAsync(new byte[5000], 1, cancellationToken: cancellationToken)));
            await first;
            await received.ReadAllAsync(client, message, cancellationToken);
        });
        await streaming.SendAsync(WireOpcode.Binary, [], final: false);

        (await said.Task.InTime()).Should().BeOfType<InvalidOperationException>().Which.Message.Should().Contain("Another read");
        await SendAsync(streaming, Bytes[..5000], isFinal: false, isFirst: false);
        await SendAsync(streaming, Bytes, isFinal: true, isFirst: false);
        (await received.NextAsync()).Bytes.Should().EndWith(Bytes);
    }

    [Fact]
    public async Task Abort_WhileTheHandlerIsAtWorkOnAPart_EndsItsNextRead()
    {
        var (read, release) = (Signal(), Signal());
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming(async (_, message, _) =>
        {
            await message.Stream.ReadExactlyAsync(new byte[5000], CancellationToken.None);
            read.SetResult();
            await release.Task;
            outcome.SetResult(await Record.ExceptionAsync(async () => await message.Stream.CopyToAsync(Stream.Null, CancellationToken.None)));
        });
        await SendAsync(streaming, Bytes[..5000], isFinal: false);
        await read.Task.InTime();
        streaming.Client.Abort();
        release.SetResult();

        (await outcome.Task.InTime()).Should().BeOfType<IOException>();
        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.Aborted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Handler_LeavesAfterAPart_TheNextMessageComes(bool disposes)
    {
        var received = new Received();
        var isFirst = true;
        await using var streaming = Streaming(async (client, message, cancellationToken) =>
        {
            if (!isFirst)
            {
                await received.ReadAllAsync(client, message, cancellationToken);
                return;
            }

            isFirst = false;
            await message.Stream.ReadExactlyAsync(new byte[5000], cancellationToken);
            if (disposes)
                await message.Stream.DisposeAsync();
        });
        await SendAsync(streaming, Bytes, isFinal: true);
        await SendAsync(streaming, Bytes[..100], isFinal: true);

        (await received.NextAsync()).Bytes.Should().Equal(Bytes[..100]);
    }

    /// <summary>Forgotten, or given up with what awaited it: the buffer is somebody else's by then.</summary>
    [Theory]
    [InlineData(100, false)]
    [InlineData(100, true)]
    [InlineData(8192, false)]
    [InlineData(8192, true)]
    public async Task Handler_LeavesARead_ItFailsItsBufferIsLeftAloneAndTheNextMessageComes(int length, bool disposes)
    {
        var (left, received, buffer, isFirst) = (new TaskCompletionSource<Task<int>>(), new Received(), new byte[length], true);
        await using var streaming = Streaming(async (client, message, cancellationToken) =>
        {
            if (!isFirst)
            {
                await received.ReadAllAsync(client, message, cancellationToken);
                return;
            }

            isFirst = false;
            var read = message.Stream.ReadAsync(buffer, cancellationToken).AsTask();
            if (disposes)
                await message.Stream.DisposeAsync();
            left.SetResult(read);
        });
        await streaming.SendAsync(WireOpcode.Binary, [], final: false);

        await (await left.Task.InTime()).Awaiting(task => task.InTime()).Should().ThrowAsync<InvalidOperationException>();
        await SendAsync(streaming, Bytes[1..50_000], isFinal: true, isFirst: false);
        await SendAsync(streaming, Bytes, isFinal: true);

        (await received.NextAsync()).Bytes.Should().Equal(Bytes);
        buffer.Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public async Task Reads_OfAnySizeWhileFramesOfAnySizeCome_GiveWhatWasSent()
    {
        var all = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var streaming = Streaming(async (_, message, cancellationToken) =>
        {
            var (random, bytes) = (new Random(5), new MemoryStream());
            var buffer = new byte[100_000];
            while (true)
            {
                var length = random.Next(4) == 0 ? 0 : random.Next(1, random.Next(2) == 0 ? 200 : buffer.Length);
                var count = await message.Stream.ReadAsync(buffer.AsMemory(0, length), cancellationToken);
                if (count == 0 && length > 0)
                    break;
                bytes.Write(buffer, 0, count);
                if (random.Next(8) == 0)
                    await Task.Delay(random.Next(15), cancellationToken);
            }

            all.SetResult(bytes.ToArray());
        });
        var (sizes, at, isFirst) = (new Random(6), 0, true);
        while (at < Bytes.Length)
        {
            var length = Math.Min(sizes.Next(1, sizes.Next(2) == 0 ? 300 : 50_000), Bytes.Length - at);
            await SendAsync(streaming, Bytes[at..(at + length)], isFinal: at + length == Bytes.Length, isFirst);
            (at, isFirst) = (at + length, false);
        }

        (await all.Task.InTime()).Should().Equal(Bytes);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static StreamingClient Streaming(MessageStreamHandler handler) => new(settings: new ClientSettings { OnMessageStream = handler });

    private static Task SendAsync(StreamingClient streaming, byte[] payload, bool isFinal, bool isFirst = true) =>
        streaming.Peer.WriteAsync(ClientFrame.Build(isFirst ? WireOpcode.Binary : WireOpcode.Continuation, payload, fin: isFinal)).InTime();
}
