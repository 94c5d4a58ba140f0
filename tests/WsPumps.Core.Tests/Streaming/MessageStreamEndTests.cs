using System.Buffers;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace WsPumps.Core.Tests.Streaming;

/// <summary>How a message that is streamed ends otherwise than by its completion, and what is asked of it wrongly.</summary>
public sealed class MessageStreamEndTests
{
    private static readonly byte[] Bytes = new byte[100_000];

    [Fact]
    public async Task Dispose_PartWasSentAndNotCompleted_EndsTheConnectionAndSaysSo()
    {
        var logs = new LogRecorder { RealTimeLimit = Limit.Time, Wanted = static (_, _) => true };
        await using var streaming = new StreamingClient(settings: new ClientSettings { Logger = logs });
        var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, 10));
        await message.FlushAsync().InTime();
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Fin.Should().BeFalse();
        await message.DisposeAsync();

        var record = await streaming.EndAsync();
        (record.Reason, record.MessagesSent, record.BytesSent, record.MessagesUnsent).Should().Be((DisconnectReason.MessageAbandoned, 0, 10, 2));
        (await streaming.ReadToEndAsync()).Should().BeEmpty("neither a close frame nor anything else is sent");
        var line = await logs.FirstAsync("MessageAbandoned");
        (line.Level, line.Message).Should().Be((LogLevel.Warning, $"Connection {streaming.Client.Id}: a message that was being streamed was disposed before CompleteAsync. What was sent of it cannot be taken back, so the connection is aborted."));
    }

    [Fact]
    public async Task Dispose_NothingWasHandedOver_IsAsIfItHadNotBeenOpened()
    {
        await using var streaming = new StreamingClient();
        var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, 10));
        streaming.Client.Write("behind");
        var drained = streaming.Client.WaitForDrainAsync();
        await message.DisposeAsync();

        (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
        (await drained.InTime()).Should().BeTrue();
        await (await streaming.OpenAsync()).CompleteAsync().InTime();
    }

    [Fact]
    public async Task Open_AnotherIsOpen_SaysSoAndHarmsNobody()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        await streaming.Client.Awaiting(client => client.OpenMessageAsync(WebSocketMessageType.Text).AsTask())
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*being streamed to client*one message at a time*");

        await message.CompleteAsync().InTime();
        await using var next = await streaming.OpenAsync();
        await next.CompleteAsync().InTime();
        (await streaming.ReadFrameAsync()).Fin.Should().BeTrue();
        (await streaming.ReadFrameAsync()).Fin.Should().BeTrue();
    }

    [Fact]
    public async Task Write_Completed_SaysSoAndTheConnectionGoesOn()
    {
        await using var streaming = new StreamingClient();
        var message = await streaming.OpenAsync();
        await message.CompleteAsync().InTime();
        await message.CompleteAsync().InTime();
        await message.Awaiting(complete => complete.WriteAsync(Bytes).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*is complete*");
        message.Invoking(complete => complete.Writer.GetMemory()).Should().Throw<InvalidOperationException>();

        await message.DisposeAsync();
        await message.Awaiting(disposed => disposed.WriteAsync(Bytes).AsTask()).Should().ThrowAsync<ObjectDisposedException>();
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Payload.Should().BeEmpty();
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
    }

    [Fact]
    public async Task Write_Cancelled_LeavesAMessageThatCanOnlyBeDisposed()
    {
        await using var streaming = new StreamingClient(room: 1024);
        await using var message = await streaming.OpenAsync();
        using var cancelled = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (true)
                await message.WriteAsync(Bytes, cancelled.Token);
        });
        await streaming.ReadFrameAsync();
        await cancelled.CancelAsync();

        await writing.Awaiting(task => task.InTime()).Should().ThrowAsync<OperationCanceledException>();
        await message.Awaiting(failed => failed.WriteAsync(Bytes).AsTask()).Should().ThrowAsync<InvalidOperationException>().WithMessage("*has failed*");
        await message.DisposeAsync();
        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.MessageAbandoned);
    }

    [Theory]
    [InlineData(CloseMode.Drain)]
    [InlineData(CloseMode.Now)]
    public async Task Close_WithinAMessage_DrainWaitsForItsEndAndNowDoesNot(CloseMode mode)
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, 10));
        await message.FlushAsync().InTime();
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Fin.Should().BeFalse();
        var closing = streaming.Client.CloseAsync(mode: mode);
        if (mode is CloseMode.Drain)
        {
            await message.WriteAsync(Bytes.AsMemory(0, 10));
            await message.CompleteAsync().InTime();
            (await streaming.ReadFrameAsync()).Should().BeEquivalentTo(new { Fin = true, Opcode = WireOpcode.Continuation });
            (await streaming.ReadFrameAsync()).Text.Should().Be("behind");
        }
        else
        {
            await message.Awaiting(open => open.CompleteAsync().InTime()).Should().ThrowAsync<IOException>();
        }

        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1000);
        await closing.InTime();
        await streaming.SendAsync(WireOpcode.Close, [0x03, 0xE8]);
        var record = await streaming.EndAsync();
        record.Reason.Should().Be(DisconnectReason.LocalClosed);
        (record.MessagesSent + record.MessagesUnsent).Should().Be(2);
    }

    [Fact]
    public async Task Close_ByThePeer_IsAnsweredAndTheWriterIsTold()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        await message.WriteAsync(Bytes.AsMemory(0, 10));
        await message.FlushAsync().InTime();
        await streaming.ReadFrameAsync();
        await streaming.SendAsync(WireOpcode.Close, [0x03, 0xE9]);

        (await streaming.ReadFrameAsync()).CloseCode.Should().Be(1001);
        (await streaming.EndAsync()).Should().Match<DisconnectRecord>(record => record.Reason == DisconnectReason.PeerClosed && record.MessagesUnsent == 1);
        await message.Awaiting(open => open.WriteAsync(Bytes).AsTask().InTime()).Should().ThrowAsync<IOException>();
        await streaming.Client.Awaiting(client => client.OpenMessageAsync(WebSocketMessageType.Text).AsTask()).Should().ThrowAsync<IOException>().WithMessage("*closing or has ended*");
    }

    [Fact]
    public async Task Abort_WhileAWriteWaits_FailsIt()
    {
        await using var streaming = new StreamingClient(room: 1024);
        await using var message = await streaming.OpenAsync();
        var writing = Task.Run(async () =>
        {
            while (true)
                await message.WriteAsync(Bytes);
        });
        await streaming.ReadFrameAsync();
        streaming.Client.Abort();

        await writing.Awaiting(task => task.InTime()).Should().ThrowAsync<IOException>();
        (await streaming.EndAsync()).Should().Match<DisconnectRecord>(record => record.Reason == DisconnectReason.Aborted && record.MessagesUnsent == 1);
    }

    [Fact]
    public async Task Write_PeerDoesNotReadForTheWriteTimeout_EndsTheConnection()
    {
        var clock = new ManualTimeProvider();
        await using var streaming = new StreamingClient(room: 1024, new ClientSettings { TimeProvider = clock });
        await using var message = await streaming.OpenAsync();
        var writing = Task.Run(async () =>
        {
            while (true)
                await message.WriteAsync(Bytes);
        });
        await clock.AdvanceUntil(streaming.Client.Completion, TimeSpan.FromSeconds(1));

        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.WriteTimeout);
        await writing.Awaiting(task => task.InTime()).Should().ThrowAsync<IOException>();
    }

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC3 })]
    public async Task Complete_TextThatIsNotUtf8_SaysSoAndSendsNoneOfIt(byte[] text)
    {
        await using var streaming = new StreamingClient();
        var message = await streaming.OpenAsync(WebSocketMessageType.Text);
        await message.WriteAsync(text);
        await message.Awaiting(open => open.CompleteAsync().InTime()).Should().ThrowAsync<ArgumentException>().WithMessage("*valid UTF-8*");

        await message.DisposeAsync();
        streaming.Client.Write("behind");
        (await streaming.ReadFrameAsync()).Text.Should().Be("behind", "nothing had been handed over");
    }

    [Fact]
    public async Task Write_CharacterCutBetweenTwoFragments_IsWhatItWas()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync(WebSocketMessageType.Text);
        foreach (var part in "€"u8.ToArray())
        {
            await message.WriteAsync(new[] { part });
            await message.FlushAsync().InTime();
        }

        await message.CompleteAsync().InTime();
        (await streaming.ReadMessageAsync()).SelectMany(frame => frame.Payload).Should().Equal("€"u8.ToArray());
    }

    [Fact]
    public async Task Writer_HintsOfAnySize_AreKeptTo()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        var reading = streaming.ReadMessageAsync();
        var expected = new List<byte>();
        var random = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            var hint = random.Next(0, 60_000);
            var memory = message.Writer.GetMemory(hint);
            memory.Length.Should().BeGreaterThanOrEqualTo(Math.Max(1, hint));
            var count = random.Next(0, Math.Max(1, hint));
            random.NextBytes(memory.Span[..count]);
            expected.AddRange(memory.Span[..count]);
            message.Writer.Advance(count);
            if (i % 7 == 0)
                await message.Writer.FlushAsync().InTime();
        }

        message.Writer.Write("end"u8);
        message.Writer.UnflushedBytes.Should().BePositive();
        await message.Writer.CompleteAsync().InTime();
        (await reading).SelectMany(frame => frame.Payload).Should().Equal([.. expected, .. "end"u8]);
    }

    [Fact]
    public async Task Writer_FlushCancelledByItsOwner_CanBeRepeated()
    {
        await using var streaming = new StreamingClient(room: 1024);
        await using var message = await streaming.OpenAsync();
        var flushes = Task.Run(async () =>
        {
            while (true)
            {
                message.Writer.Write(Bytes.AsSpan(0, 1000));
                if ((await message.Writer.FlushAsync()).IsCanceled)
                    return;
            }
        });
        await streaming.ReadFrameAsync();
        message.Writer.CancelPendingFlush();
        await flushes.InTime();

        var reading = streaming.ReadMessageAsync();
        (await message.Writer.FlushAsync().InTime()).IsCanceled.Should().BeFalse();
        await message.CompleteAsync().InTime();
        (await reading).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Writer_CompletedWithAnException_AbandonsTheMessage()
    {
        await using var streaming = new StreamingClient();
        var message = await streaming.OpenAsync();
        await message.Writer.WriteAsync(Bytes.AsMemory(0, 10)).InTime();
        await message.Writer.CompleteAsync(new InvalidOperationException("The source failed."));

        (await streaming.EndAsync()).Reason.Should().Be(DisconnectReason.MessageAbandoned);
    }

    [Fact]
    public async Task Stream_AsWhatItIsNot_SaysSo()
    {
        await using var streaming = new StreamingClient();
        await using var message = await streaming.OpenAsync();
        (message.CanRead, message.CanSeek, message.CanWrite).Should().Be((false, false, true));
        message.Invoking(open => open.ReadByte()).Should().Throw<NotSupportedException>();
        message.Invoking(open => open.Seek(0, SeekOrigin.Begin)).Should().Throw<NotSupportedException>();
        message.Invoking(open => open.Length).Should().Throw<NotSupportedException>();
        message.Invoking(open => open.Writer.Advance(1)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
