using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Diagnostics;
using WsPumps.Transports;

namespace WsPumps.Outbound;

/// <summary>
/// The only code that writes to the peer: from the queue to the transport, until there is no more. Called by <see cref="Client"/>, once. It
/// takes turns, as a rule on its lane; on the thread that reads, when a handler has answered; and on the thread pool, where a write may
/// block its thread.
/// </summary>
/// <remarks>
/// One turn at a time: who has ended the rest of the queue, or gets the end of a write that took its time, has the turn alone. It is no
/// async method, because most writes end at once: there are neither a state machine nor a task to fetch from memory for it.
/// </remarks>
internal sealed class WritePump(OutboundQueue queue, Transport transport, IPingObserver pings, TimeProvider time, Lane lane)
    : LaneClient, IThreadPoolWorkItem
{
    /// <summary>After a write that took its time; then the lane goes on.</summary>
    private const int MaxTurnsHere = 4;

    /// <summary>What follows is not for a lane.</summary>
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A write that did not end at once, with what it writes.</summary>
    private (ValueTask Write, Batch Batch)? _underWay;
    private Action? _goOn;
    private readonly IWorkCounter? _work = time as IWorkCounter;

    /// <summary>When it began or last moved on; 0 when none is under way. Written by the pump and by the heartbeat.</summary>
    private long _writingSince;
    private int _progress;
    private bool _hasFailed;
    private CancellationToken _connectionGone;

    /// <summary>
    /// The connection was torn down: what is being written counts as failed, although a server may report that write as done.
    /// </summary>
    public bool IsAborted { get; set; }

    /// <summary>Told what the next write holds; null where nobody keeps it.</summary>
    public ISentObserver? Sent { get; init; }

    public bool IsWriting => WritingSince != 0;

    /// <summary>When the write under way began, or was last seen to have moved on; 0 when none is.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <summary>Ends when the queue is completed and read to its end, or fails with what the transport throws.</summary>
    /// <param name="connectionGone">Fires when the connection underneath is gone.</param>
    public Task RunAsync(CancellationToken connectionGone)
    {
        _connectionGone = connectionGone;
        queue.Start(this);
        return _work is null ? _ended.Task : WhenEndedAsync(_work);
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

    /// <summary>How long the write under way has not moved on.</summary>
    public TimeSpan WritingFor(long now) => WritingSince is var since and not 0 ? time.GetElapsedTime(since, now) : TimeSpan.Zero;

    /// <summary>Looks whether the write under way has moved on: a large frame on a slow line takes its time. For the heartbeat.</summary>
    public void NoteProgress(long now)
    {
        var since = WritingSince;
        var progress = transport.WriteProgress;
        if (since == 0 || progress == _progress)
            return;

        _progress = progress;
        // Unless that write has ended in the meantime.
        Interlocked.CompareExchange(ref _writingSince, now, since);
    }

    /// <summary>While this thread handles what it has read: what the handlers write leaves at the end, with one write.</summary>
    public void BeginCork() => Cork.Begin(queue);

    /// <inheritdoc cref="BeginCork"/>
    public void EndCork()
    {
        if (Cork.End(queue))
            WakeHere();
    }

    public override void WakeHere()
    {
        _work?.Begin();
        if (transport.MayBlock)
            Schedule();
        else
            TakeTurnHere();
    }

    public override void Wake()
    {
        _work?.Begin();
        Schedule();
    }

    private void Schedule()
    {
        if (transport.MayBlock)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        else
            WakeUps.Add(lane, this);
    }

    void IThreadPoolWorkItem.Execute() => TakeTurnHere();

    public override bool TakeTurn(BatchBuilder batches)
    {
        var hasMore = TakeTurn(batches, out var streamed);
        streamed?.Room.Set(true);
        return hasMore;
    }

    /// <param name="batches">Of the thread.</param>
    /// <param name="streamed">The message whose writer is to be told that there is room, by the caller.</param>
    private bool TakeTurn(BatchBuilder batches, out StreamedMessage? streamed)
    {
        streamed = null;
        var hasMore = false;
        try
        {
            hasMore = _underWay is not null ? EndWriteUnderWay(out streamed) : !_hasFailed && TakeTurnWith(batches, out streamed);
        }
        catch (Exception exception)
        {
            End(exception);
        }

        if (!hasMore)
            _work?.End();
        return hasMore;
    }

    private void TakeTurnHere()
    {
        var batches = BatchBuilder.TakeOfThread();
        if (TakeTurn(batches))
            Schedule();
        batches.GiveBack();
    }

    /// <summary>
    /// A write that took its time has ended. Where it was a part of a message that is streamed, its writer waits for it: the next part is
    /// written on this thread, and then the writer goes on on it.
    /// </summary>
    private void GoOn()
    {
        if (_work is not null || transport.MayBlock || !_underWay!.Value.Batch.IsStreamed)
        {
            Wake();
            return;
        }

        var (batches, hasMore) = (BatchBuilder.TakeOfThread(), true);
        StreamedMessage? waiting = null;
        for (var turns = 0; hasMore && turns < MaxTurnsHere; turns++)
        {
            hasMore = TakeTurn(batches, out var streamed);
            if (waiting is null)
                waiting = streamed;
            else
                streamed?.Room.Set(true);
        }

        batches.GiveBack();
        if (hasMore)
            Schedule();
        waiting?.Room.SetHere(true);
    }

    private bool TakeTurnWith(BatchBuilder batches, out StreamedMessage? streamed)
    {
        streamed = null;
        var batch = batches.Read(queue);
        if (batch.HasPing)
            pings.PingLeaves();
        Sent?.Sending(batch.Messages);
        var write = batch.IsEmpty ? default : BeginWrite(batch.Frames);
        if (write.IsCompleted)
            return EndWrite(write, batch, waited: false, out streamed);

        _underWay = (write, batch);
        _progress = transport.WriteProgress;
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        write.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_goOn ??= GoOn);
        return false;
    }

    /// <summary>Some streams and sockets throw at once, where a task that fails is expected.</summary>
    private ValueTask BeginWrite(ReadOnlyMemory<byte> frames)
    {
        try
        {
            return transport.WriteAsync(frames);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private bool EndWriteUnderWay(out StreamedMessage? streamed)
    {
        var (write, batch) = _underWay!.Value;
        _underWay = null;
        Volatile.Write(ref _writingSince, 0);
        return EndWrite(write, batch, waited: true, out streamed);
    }

    /// <returns>Whether there is more to write.</returns>
    private bool EndWrite(ValueTask write, Batch batch, bool waited, out StreamedMessage? streamed)
    {
        var failure = FailureOf(write, waited);
        // Before anybody else can have the next turn, which there is none after a failure.
        _hasFailed = failure is not null;
        var sent = failure is null && !IsAborted;
        var end = queue.EndTurn(sent, out streamed);
        batch.Settle(sent);
        batch.Release();
        if (failure is not null || end is TurnEnd.WasLast)
            End(failure);
        return failure is null && end is TurnEnd.GoesOn;
    }

    private void End(Exception? failure)
    {
        _work?.Begin();
        if (!(failure is null ? _ended.TrySetResult() : _ended.TrySetException(failure)))
            _work?.End();
    }

    /// <summary>The way from the lane to whoever waits is work too.</summary>
    private async Task WhenEndedAsync(IWorkCounter work)
    {
        await _ended.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        work.End();
        await _ended.Task.ConfigureAwait(false);
    }

    private Exception? FailureOf(ValueTask write, bool waited)
    {
        try
        {
            write.GetAwaiter().GetResult();
            // A server reports a write that had to wait as done also where it ended because the connection is lost.
            return waited && (transport.IsLost ?? _connectionGone.IsCancellationRequested)
                ? new IOException("The connection was lost while a write was under way.")
                : null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}
