using System.Buffers;
using System.IO.Pipelines;

namespace WsPumps.Inbound;

/// <summary>The payload of a message while it arrives, for its handler.</summary>
internal sealed class IncomingMessageStream(StreamHandOver handOver, PipeReader ahead) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw NotSeekable();

    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        handOver.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Blocks the thread until something has come.</summary>
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <summary>With a buffer no larger than what comes at once.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        var buffer = ArrayPool<byte>.Shared.Rent(IncomingMessage.MaxBuffered);
        try
        {
            while (await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    public override void SetLength(long value) => throw NotSeekable();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("What the peer has sent can only be read.");

    /// <summary>Nothing more is wanted: the rest of the message is skipped.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            handOver.Leave();
            ahead.Complete();
            handOver.Wake();
        }

        base.Dispose(disposing);
    }

    private static NotSupportedException NotSeekable() =>
        new("A message that arrives has neither a length nor a position: its end is known when it has come.");
}
