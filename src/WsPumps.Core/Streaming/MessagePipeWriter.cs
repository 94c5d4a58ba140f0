using System.IO.Pipelines;

namespace WsPumps.Streaming;

/// <summary>An outgoing message as a pipe. Reading its other end is up to the write pump.</summary>
internal sealed class MessagePipeWriter(OutgoingMessage message) : PipeWriter
{
    private bool _flushIsCancelled;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => message.Unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0) => message.Room(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => message.Room(sizeHint).Span;

    public override void Advance(int bytes) => message.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!Volatile.Read(ref _flushIsCancelled))
            await message.HandOverAsync(cancellationToken).ConfigureAwait(false);
        return new FlushResult(isCanceled: Interlocked.Exchange(ref _flushIsCancelled, false), isCompleted: false);
    }

    public override void CancelPendingFlush()
    {
        Volatile.Write(ref _flushIsCancelled, true);
        message.StopWaiting();
    }

    public override void Complete(Exception? exception = null)
    {
        if (exception is null)
            message.Complete();
        else
            message.Dispose();
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        if (exception is null)
            return new ValueTask(message.CompleteAsync());

        message.Dispose();
        return default;
    }
}
