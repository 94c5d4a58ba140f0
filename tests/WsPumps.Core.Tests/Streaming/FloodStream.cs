namespace WsPumps.Core.Tests.Streaming;

/// <summary>A connection whose peer sends a message that never ends, as fast as it is read.</summary>
internal sealed class FloodStream : AsyncStream
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _hasEnded;

    /// <summary>The header of one masked frame of a tebibyte.</summary>
    private byte[] _header = [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];

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
}
