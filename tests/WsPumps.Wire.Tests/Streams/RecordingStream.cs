using System.IO.Pipelines;
using System.Threading.Channels;

namespace WsPumps.Wire.Tests.Streams;

/// <summary>A connection in memory: keeps every write by itself, can hold writes back, and is read from what a test puts in.</summary>
/// <remarks>Reads go on inside <see cref="ReceiveAsync"/>: when that returns, all that could be done with the bytes was done.</remarks>
internal sealed class RecordingStream : AsyncStream
{
    private readonly Pipe _incoming = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Channel<byte[]> _writes = Channel.CreateUnbounded<byte[]>();
    private readonly List<int> _readSizes = [];
    private TaskCompletionSource? _held;

    public int Flushes { get; private set; }

    /// <summary>Told of each write, on the thread that writes.</summary>
    public Action? Written { get; set; }

    /// <summary>The sizes of the buffers that were read into, in order.</summary>
    public IReadOnlyList<int> ReadSizes
    {
        get
        {
            lock (_readSizes)
                return [.. _readSizes];
        }
    }

    public Task<byte[]> NextWriteAsync() => _writes.Reader.ReadAsync().InTime();

    public bool TryTakeWrite(out byte[]? write) => _writes.Reader.TryRead(out write);

    /// <summary>Writes from now on are kept, but complete only when released.</summary>
    public void HoldWrites() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void ReleaseWrites()
    {
        var held = _held!;
        _held = null;
        held.SetResult();
    }

    public void Break() => Break(new IOException("Broken."));

    public void Break(Exception exception)
    {
        _incoming.Writer.Complete(exception);
        _held?.TrySetException(exception);
    }

    /// <summary>On a thread without a synchronization context, which would send the reader elsewhere.</summary>
    public Task ReceiveAsync(byte[] bytes) => Task.Run(async () => await _incoming.Writer.WriteAsync(bytes)).InTime();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_readSizes)
            _readSizes.Add(buffer.Length);

        var read = await _incoming.Reader.ReadAsync(cancellationToken);
        var length = (int)Math.Min(buffer.Length, read.Buffer.Length);
        var part = read.Buffer.Slice(0, length);
        foreach (var segment in part)
        {
            segment.CopyTo(buffer);
            buffer = buffer[segment.Length..];
        }

        _incoming.Reader.AdvanceTo(part.End);
        return length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var held = _held?.Task ?? Task.CompletedTask;
        Written?.Invoke();
        _writes.Writer.TryWrite(buffer.ToArray());
        await held;
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Flushes++;
        return Task.CompletedTask;
    }
}
