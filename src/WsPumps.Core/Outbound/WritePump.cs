using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Outbound;

/// <summary>The only code that writes to the peer: from the channel to the transport, until there is no more. Called by <see cref="Client"/>, once.</summary>
/// <remarks>
/// It takes turns on the thread pool: one begins when a frame is queued while the pump rests, and ends when all are written. A turn
/// is no async method, because most writes end at once and a broadcast begins a turn of each client: there are neither a state machine
/// nor a task to fetch from memory for it.
/// </remarks>
internal sealed class WritePump(OutboundChannel channel, Transport transport, IPingObserver pings, TimeProvider time) : IThreadPoolWorkItem
{
    /// <summary>What goes out with one write at most; a larger frame goes alone.</summary>
    public const int BatchBytes = 16 * 1024;

    private const int BatchMessages = 128;

    /// <summary>What follows is the connection's own, and the last turn has nothing left to do: it may run on.</summary>
    private readonly TaskCompletionSource _ended = new();

    /// <summary>A write that did not end at once, with what it writes.</summary>
    private (ValueTask Write, PreparedMessage[] Batch, int Count) _underWay;
    private Action? _goOn;
    private readonly IWorkCounter? _work = time as IWorkCounter;

    /// <summary>When it began; 0 when none is under way. Written by the pump, read by the heartbeat.</summary>
    private long _writingSince;

    public long MessagesSent { get; private set; }

    public long BytesSent { get; private set; }

    /// <summary>
    /// The connection was torn down: what is being written counts as failed, although a server may report that write as done.
    /// </summary>
    public bool IsAborted { get; set; }

    /// <summary>Told what the next write holds; null where nobody keeps it.</summary>
    public ISentObserver? Sent { get; init; }

    /// <summary>Messages taken from the channel whose write failed.</summary>
    public long MessagesFailed { get; private set; }

    public long BytesFailed { get; private set; }

    /// <summary>Ends when the channel is completed and read to its end, or fails with what the transport throws.</summary>
    public Task RunAsync()
    {
        TakeTurn(goesOn: false);
        return _ended.Task;
    }

    /// <summary>Writes the close frame, as the last thing.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask CloseAsync(WebSocketCloseStatus status, string reason)
    {
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        try
        {
            await transport.WriteCloseAsync(status, reason).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
        }
    }

    public bool IsWriting => WritingSince != 0;

    /// <summary>When the write under way began; 0 when none is.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <summary>How long the write under way has been going on.</summary>
    public TimeSpan WritingFor(long now) => Volatile.Read(ref _writingSince) is var since and not 0 ? time.GetElapsedTime(since, now) : TimeSpan.Zero;

    void IThreadPoolWorkItem.Execute()
    {
        TakeTurn(goesOn: false);
        _work?.End();
    }

    /// <param name="goesOn">Whether this is the rest of a turn, after a write that did not end at once.</param>
    private void TakeTurn(bool goesOn)
    {
        try
        {
            if (goesOn)
                EndWriteUnderWay();
            else if (!TryWriteNext())
                return;

            TurnEnd end;
            while ((end = channel.EndTurn(this)) is TurnEnd.GoesOn)
            {
                if (!TryWriteNext())
                    return;
            }

            if (end is TurnEnd.WasLast)
                _ended.SetResult();
        }
        catch (Exception exception)
        {
            _ended.SetException(exception);
        }
    }

    /// <summary>Writes what is next, if there is anything.</summary>
    /// <returns>False when the write is still under way: the turn goes on when it ends.</returns>
    private bool TryWriteNext()
    {
        var batch = ArrayPool<PreparedMessage>.Shared.Rent(BatchMessages);
        var count = channel.Read(batch, BatchBytes);
        if (HasPing(batch.AsSpan(0, count)))
            pings.PingLeaves();
        if (count > 0)
            Sent?.Sending(batch.AsSpan(0, count));
        var write = count > 0 ? BeginWrite(batch.AsMemory(0, count)) : default;
        if (write.IsCompleted)
        {
            EndWrite(write, batch, count);
            return true;
        }

        _underWay = (write, batch, count);
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        write.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_goOn ??= () => TakeTurn(goesOn: true));
        return false;
    }

    /// <summary>Some streams and sockets throw at once, where a task that fails is expected.</summary>
    private ValueTask BeginWrite(ReadOnlyMemory<PreparedMessage> batch)
    {
        try
        {
            return batch.Length == 1 ? transport.WriteAsync(batch.Span[0].Frame) : WriteTogetherAsync(batch.Span);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <summary>Control frames go ahead: a ping is first, or behind a pong.</summary>
    private static bool HasPing(ReadOnlySpan<PreparedMessage> batch) =>
        batch is [{ Opcode: Opcode.Ping }, ..] or [{ Opcode: Opcode.Pong }, { Opcode: Opcode.Ping }, ..];

    private ValueTask WriteTogetherAsync(ReadOnlySpan<PreparedMessage> batch)
    {
        var length = 0;
        foreach (var message in batch)
            length += message.FrameLength;

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var end = 0;
        foreach (var message in batch)
        {
            message.Frame.Span.CopyTo(buffer.AsSpan(end));
            end += message.FrameLength;
        }

        var write = transport.WriteAsync(buffer.AsMemory(0, length));
        if (!write.IsCompletedSuccessfully)
            return ReturnAfterAsync(write, buffer);

        write.GetAwaiter().GetResult();
        ArrayPool<byte>.Shared.Return(buffer);
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReturnAfterAsync(ValueTask write, byte[] buffer)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void EndWriteUnderWay()
    {
        var (write, batch, count) = _underWay;
        _underWay = default;
        Volatile.Write(ref _writingSince, 0);
        EndWrite(write, batch, count);
    }

    private void EndWrite(ValueTask write, PreparedMessage[] batch, int count)
    {
        var sent = false;
        try
        {
            write.GetAwaiter().GetResult();
            sent = !IsAborted;
        }
        finally
        {
            Count(batch.AsSpan(0, count), sent);
            Array.Clear(batch, 0, count);
            ArrayPool<PreparedMessage>.Shared.Return(batch);
        }
    }

    /// <summary>Counts what was taken from the channel, and gives the frames back that are written.</summary>
    private void Count(ReadOnlySpan<PreparedMessage> batch, bool sent)
    {
        var (messages, bytes) = (0, 0L);
        foreach (var message in batch)
        {
            if (message.IsControl)
                continue;

            messages++;
            bytes += message.Length;
            message.Settle(sent);
            if (sent)
                FramePool.Return(message);
        }

        if (sent)
            (MessagesSent, BytesSent) = (MessagesSent + messages, BytesSent + bytes);
        else
            (MessagesFailed, BytesFailed) = (MessagesFailed + messages, BytesFailed + bytes);
    }
}
