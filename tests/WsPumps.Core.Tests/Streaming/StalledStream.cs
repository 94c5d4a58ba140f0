namespace WsPumps.Core.Tests.Streaming;

/// <summary>A connection whose peer neither writes nor reads: it keeps nothing of what is written to it.</summary>
internal sealed class StalledStream : AsyncStream
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first write.</summary>
    public Task Written => _written.Task;

    public void End() => _ended.TrySetException(new IOException("The connection was aborted."));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _ended.Task;
        return 0;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _written.TrySetResult();
        return new ValueTask(_ended.Task);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _ended.Task;
}
