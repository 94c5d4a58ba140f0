namespace WsPumps.Wire.Tests.Streams;

/// <summary>How queued messages become writes.</summary>
public sealed class BatchingTests : IDisposable
{
    private const int BatchBytes = 16 * 1024;
    private const int Burst = 1000;

    private readonly RecordingStream _stream = new();
    private readonly ClientOptions _options = new() { MaxQueuedMessages = 100_000, MaxQueuedBytes = 1 << 30 };

    [Fact]
    public async Task Message_Alone_IsWrittenAtOnceAndFlushed()
    {
        await using var started = Start();
        for (var i = 0; i < 10; i++)
        {
            started.Client.Write($"{i}").Should().Be(WriteResult.Queued);
            (await FramesAsync(await _stream.NextWriteAsync())).Should().ContainSingle().Which.Text.Should().Be($"{i}");
        }

        await started.Client.CloseAsync().InTime();
        _stream.Flushes.Should().Be(11, "the close frame is one more");
    }

    [Fact]
    public async Task Messages_InABurst_LeaveInFewWritesAndInOrder()
    {
        await using var started = Start();
        await HoldFirstWriteAsync(started);
        for (var i = 0; i < Burst; i++)
            started.Client.Write($"message {i}").Should().Be(WriteResult.Queued);
        _stream.ReleaseWrites();

        var writes = await ReadWritesAsync(Burst);
        writes.Count.Should().BeLessThan(Burst / 50);
        writes.SelectMany(frames => frames).Select(frame => frame.Text).Should().Equal(Enumerable.Range(0, Burst).Select(i => $"message {i}"));
    }

    [Fact]
    public async Task Messages_OfSomeSize_FillABatchButNeverMore()
    {
        await using var started = Start();
        await HoldFirstWriteAsync(started);
        for (var i = 0; i < 40; i++)
            started.Client.Write(PreparedMessage.Binary(new byte[3000])).Should().Be(WriteResult.Queued);
        _stream.ReleaseWrites();

        (await ReadWritesAsync(40)).Select(frames => frames.Count).Should().AllBeEquivalentTo(BatchBytes / 3004);
    }

    [Fact]
    public async Task Message_OverTheBatchSize_LeavesAlone()
    {
        await using var started = Start();
        await HoldFirstWriteAsync(started);
        int[] sizes = [10, 20, BatchBytes, 30, 40, 3 * BatchBytes, 3 * BatchBytes, 50];
        foreach (var size in sizes)
            started.Client.Write(PreparedMessage.Binary(new byte[size])).Should().Be(WriteResult.Queued);
        _stream.ReleaseWrites();

        var writes = await ReadWritesAsync(sizes.Length);
        writes.Select(frames => frames.Select(frame => frame.Payload.Length)).Should().BeEquivalentTo(
            new int[][] { [10, 20], [BatchBytes], [30, 40], [3 * BatchBytes], [3 * BatchBytes], [50] }, options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task Pong_WithMessagesQueued_LeavesFirst()
    {
        await using var started = Start();
        await HoldFirstWriteAsync(started);
        for (var i = 0; i < 10; i++)
            started.Client.Write($"{i}").Should().Be(WriteResult.Queued);
        await _stream.ReceiveAsync(ClientFrame.Ping([1]));
        await _stream.ReceiveAsync(ClientFrame.Ping([2]));
        _stream.ReleaseWrites();

        var frames = await FramesAsync(await _stream.NextWriteAsync());
        frames.Take(2).Select(frame => (frame.Opcode, frame.Payload[0])).Should().Equal((WireOpcode.Pong, (byte)1), (WireOpcode.Pong, (byte)2));
        frames.Skip(2).Select(frame => frame.Text).Should().Equal(Enumerable.Range(0, 10).Select(i => $"{i}"));
    }

    /// <summary>The runtime would wait here: it holds its receive until the pong is written.</summary>
    [Fact]
    public async Task Write_Stalled_ReadingGoesOn()
    {
        var heard = new List<string>();
        await using var started = Start((_, message, _) =>
        {
            heard.Add(message.GetText());
            return default;
        });
        await HoldFirstWriteAsync(started);
        for (var i = 0; i < 100; i++)
        {
            await _stream.ReceiveAsync(ClientFrame.Ping());
            await _stream.ReceiveAsync(ClientFrame.Text($"{i}"));
        }

        heard.Should().Equal(Enumerable.Range(0, 100).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Answers_ToMessagesOfOneRead_LeaveWithOneWriteOnTheReadingThread()
    {
        var (writers, reader) = (new HashSet<int>(), 0);
        _stream.Written = () => writers.Add(Environment.CurrentManagedThreadId);
        await using var started = new StreamClient(_stream, _options, new ManualTimeProvider(), needsFlush: false,
        [
            (client, message, _) =>
            {
                reader = Environment.CurrentManagedThreadId;
                client.Write(message).Should().Be(WriteResult.Queued);
                return default;
            },
        ]);

        await _stream.ReceiveAsync([.. Enumerable.Range(0, 16).SelectMany(i => ClientFrame.Text($"{i}"))]);

        // Reads go on inside the call, and so does the write at their end.
        _stream.TryTakeWrite(out var write).Should().BeTrue();
        (await FramesAsync(write!)).Select(frame => frame.Text).Should().Equal(Enumerable.Range(0, 16).Select(i => $"{i}"));
        writers.Should().Equal(reader);
    }

    /// <summary>Only the handler's own thread holds its answers back, and only until it returns.</summary>
    [Fact]
    public async Task Answers_HandlerKeepsItsThread_AreNotHeldBackFromOthersWrites()
    {
        using var release = new ManualResetEventSlim();
        await using var started = new StreamClient(_stream, _options, new ManualTimeProvider(), needsFlush: false,
        [
            (client, _, _) =>
            {
                client.Write("answer");
                release.Wait(Limit.Time, CancellationToken.None);
                return default;
            },
        ]);
        var receiving = _stream.ReceiveAsync(ClientFrame.Text("question"));
        while (started.Client.Statistics.QueuedMessages == 0)
            await Task.Yield();
        _stream.TryTakeWrite(out _).Should().BeFalse();

        started.Client.Write("broadcast").Should().Be(WriteResult.Queued);

        (await FramesAsync(await _stream.NextWriteAsync())).Select(frame => frame.Text).Should().Equal("answer", "broadcast");
        release.Set();
        await receiving;
    }

    public void Dispose() => _stream.Dispose();

    private StreamClient Start(params MessageHandler[] handlers) => new(_stream, _options, new ManualTimeProvider(), handlers);

    /// <summary>While one write is under way, what follows gathers in the queue.</summary>
    private async Task HoldFirstWriteAsync(StreamClient started)
    {
        _stream.HoldWrites();
        started.Client.Write("first").Should().Be(WriteResult.Queued);
        await _stream.NextWriteAsync();
    }

    private async Task<List<List<WireFrame>>> ReadWritesAsync(int messages)
    {
        var writes = new List<List<WireFrame>>();
        while (writes.Sum(frames => frames.Count) < messages)
            writes.Add(await FramesAsync(await _stream.NextWriteAsync()));
        return writes;
    }

    private static async Task<List<WireFrame>> FramesAsync(byte[] write)
    {
        using var bytes = new MemoryStream(write);
        var reader = new FrameReader(bytes);
        var frames = new List<WireFrame>();
        while (await reader.ReadAsync() is { } frame)
            frames.Add(frame);
        return frames;
    }
}
