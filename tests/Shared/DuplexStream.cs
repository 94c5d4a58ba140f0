using System.IO.Pipelines;

namespace WsPumps.Tests.Shared;

/// <summary>One end of a connection in memory. When it is disposed the other end still reads what was written, and then the end of the stream.</summary>
internal sealed class DuplexStream : AsyncStream
{
    private readonly Pipe _incoming;
    private readonly Pipe _outgoing;
    private readonly Stream _reader;
    private readonly Stream _writer;

    private DuplexStream(Pipe incoming, Pipe outgoing)
    {
        (_incoming, _outgoing) = (incoming, outgoing);
        (_reader, _writer) = (incoming.Reader.AsStream(), outgoing.Writer.AsStream());
    }

    /// <param name="room">How many bytes may be under way to each end before a write waits; 0 for any number.</param>
    public static (DuplexStream One, DuplexStream Other) Pair(int room = 0)
    {
        var options = new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: room / 2, useSynchronizationContext: false);
        var (first, second) = (new Pipe(options), new Pipe(options));
        return (new DuplexStream(first, second), new DuplexStream(second, first));
    }

    /// <summary>Nothing more will be written: the other end reads to the end of the stream.</summary>
    public void FinishWriting() => _outgoing.Writer.Complete();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _reader.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _writer.WriteAsync(buffer, cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            throw new IOException("The connection was closed.", exception);
        }
    }

    /// <summary>Reads and writes of both ends fail, whatever is still under way.</summary>
    public void Reset()
    {
        _outgoing.Writer.Complete(new IOException("The connection was reset."));
        Dispose();
    }

    protected override void Dispose(bool disposing)
    {
        _outgoing.Writer.CancelPendingFlush();
        _outgoing.Writer.Complete();
        _incoming.Writer.Complete(new IOException("The connection was closed."));
        base.Dispose(disposing);
    }
}
