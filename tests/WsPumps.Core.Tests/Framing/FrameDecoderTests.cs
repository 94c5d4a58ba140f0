using WsPumps.Framing;

namespace WsPumps.Core.Tests.Framing;

public sealed class FrameDecoderTests
{
    /// <summary>A peer that is told 1008 and goes on sending at full speed.</summary>
    [Fact]
    public async Task FindClose_PeerThatNeverStops_IsReadNoFasterThanAPeerNeedsThatAnswers()
    {
        var clock = new ManualTimeProvider();
        await using var stream = new EndlessStream(ClientFrame.Ping("x"u8));
        using var ended = new CancellationTokenSource();
        var discarding = new FrameDecoder(stream, isMasked: true).FindCloseAsync((pause, token) => Task.Delay(pause, clock, token), ended.Token);

        stream.BytesRead.Should().BeInRange(256 * 1024, 300 * 1024);
        for (var i = 1; i <= 40; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(25));
            await WaitForTimerAsync(clock);
        }

        stream.BytesRead.Should().BeLessThan(41 * 300 * 1024);
        discarding.IsCompleted.Should().BeFalse();
        await ended.CancelAsync();
        await ((Func<Task>)(() => discarding.InTime())).Should().ThrowAsync<OperationCanceledException>();
        clock.ActiveTimers.Should().Be(0);
    }

    private static async Task WaitForTimerAsync(ManualTimeProvider clock)
    {
        using var limit = new CancellationTokenSource(Limit.Time);
        while (clock.ActiveTimers == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class EndlessStream(byte[] frame) : MemoryStream
    {
        private int _at;

        public long BytesRead { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            foreach (ref var place in buffer.Span)
                place = frame[_at++ % frame.Length];
            BytesRead += buffer.Length;
            return new ValueTask<int>(buffer.Length);
        }
    }
}
