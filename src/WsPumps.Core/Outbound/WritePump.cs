using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Outbound;

/// <summary>The only code that writes to the peer: one loop from the channel to the transport. Called by <see cref="Client"/>, once.</summary>
internal sealed class WritePump(OutboundChannel channel, Transport transport, TimeProvider time)
{
    /// <summary>What goes out with one write at most; a larger frame goes alone.</summary>
    public const int BatchBytes = 16 * 1024;

    private const int BatchMessages = 128;

    /// <summary>When the write under way began; 0 when none is. Written by the pump, read by the heartbeat.</summary>
    private long _writingSince;

    public long MessagesSent { get; private set; }

    public long BytesSent { get; private set; }

    /// <summary>
    /// The connection was torn down: what is being written counts as failed, although a server may report that write as done.
    /// </summary>
    public bool IsAborted { get; set; }

    /// <summary>Messages taken from the channel whose write failed.</summary>
    public long MessagesFailed { get; private set; }

    public long BytesFailed { get; private set; }

    /// <summary>Ends when the channel is completed and read to its end, or throws what the transport throws.</summary>
    public async Task RunAsync()
    {
        while (await channel.WaitToReadAsync().ConfigureAwait(false))
        {
            var batch = ArrayPool<PreparedMessage>.Shared.Rent(BatchMessages);
            var used = 0;
            try
            {
                while (channel.Read(batch, BatchBytes) is var count and > 0)
                {
                    used = Math.Max(used, count);
                    await WriteAsync(batch.AsMemory(0, count)).ConfigureAwait(false);
                }
            }
            finally
            {
                Array.Clear(batch, 0, used);
                ArrayPool<PreparedMessage>.Shared.Return(batch);
            }
        }
    }

    /// <summary>Writes the close frame, as the last thing.</summary>
    public ValueTask CloseAsync(WebSocketCloseStatus status, string reason) => FinishAsync(transport.WriteCloseAsync(status, reason), default);

    /// <summary>How long the write under way has been going on.</summary>
    public TimeSpan WritingFor(long now) => Volatile.Read(ref _writingSince) is var since and not 0 ? time.GetElapsedTime(since, now) : TimeSpan.Zero;

    private ValueTask WriteAsync(ReadOnlyMemory<PreparedMessage> batch)
    {
        var write = BeginWrite(batch);
        if (!write.IsCompletedSuccessfully)
            return FinishAsync(write, batch);

        write.GetAwaiter().GetResult();
        Count(batch.Span, sent: !IsAborted);
        return default;
    }

    /// <summary>Some streams and sockets throw at once, where a task that fails is expected.</summary>
    private ValueTask BeginWrite(ReadOnlyMemory<PreparedMessage> batch)
    {
        try
        {
            return transport.WriteAsync(batch);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <summary>For a write that does not end at once: the heartbeat sees since when it is under way.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask write, ReadOnlyMemory<PreparedMessage> batch)
    {
        var sent = false;
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        try
        {
            await write.ConfigureAwait(false);
            sent = !IsAborted;
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
            Count(batch.Span, sent);
        }
    }

    /// <summary>Counts what was taken from the channel, and gives the frames back that are written.</summary>
    private void Count(ReadOnlySpan<PreparedMessage> batch, bool sent)
    {
        foreach (var message in batch)
        {
            if (message.IsControl)
                continue;

            message.Settle(sent);
            if (!sent)
            {
                (MessagesFailed, BytesFailed) = (MessagesFailed + 1, BytesFailed + message.Length);
                continue;
            }

            (MessagesSent, BytesSent) = (MessagesSent + 1, BytesSent + message.Length);
            FramePool.Return(message);
        }
    }
}
