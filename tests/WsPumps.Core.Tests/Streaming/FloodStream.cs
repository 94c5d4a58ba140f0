namespace WsPumps.Core.Tests.Streaming;

/// <summary>A connection whose peer sends a message that never ends, as fast as it is read.</summary>
internal sealed class FloodStream : Stream
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _hasEnded;

    /// <summary>The header of one masked frame of a tebibyte.</summary>
    private byte[] _header = [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Begin() => _begun.TrySetResult();

    public void End()
    {
        _hasEnded = true;
        _begun.TrySetResult();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _begun.Task;
        if (_hasEnded)
            throw new IOException("The connection was aborted.");
        if (buffer.IsEmpty)
            return 0;

        var header = _header;
        _header = [];
        header.CopyTo(buffer);
        return header.Length > 0 ? header.Length : buffer.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
