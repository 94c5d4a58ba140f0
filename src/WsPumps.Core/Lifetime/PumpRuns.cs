using WsPumps.Diagnostics;

namespace WsPumps.Lifetime;

/// <summary>The two pumps of a client: each runs once, and the one that ends last ends the client.</summary>
/// <remarks>A mutable struct: any thread may ask the field it lives in.</remarks>
internal struct PumpRuns()
{
    private TaskCompletionSource? _writingEnded;
    private int _left = 2;
    private bool _writeStarted;
    private bool _readStarted;
    private bool _hasWritingEnded;
    private bool _ended;

    public bool HasWritingEnded => Volatile.Read(ref _hasWritingEnded);

    /// <exception cref="InvalidOperationException">The pump was started before.</exception>
    public void StartWriting(string clientId) => StartOnce(ref _writeStarted, "write", clientId);

    /// <inheritdoc cref="StartWriting"/>
    public void StartReading(string clientId) => StartOnce(ref _readStarted, "read", clientId);

    /// <summary>
    /// Waits until the write pump has ended. There may never be one to carry the close frame; one that is started later ends at once.
    /// </summary>
    public Task WhenWrittenAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _writeStarted))
            return Task.CompletedTask;

        // Either this sees that the writing has ended, or its end sees who waits: each writes first and then looks, with a barrier between.
        var ended = _writingEnded ?? Interlocked.CompareExchange(ref _writingEnded, new(TaskCreationOptions.RunContinuationsAsynchronously),
            null) ?? _writingEnded;
        Interlocked.MemoryBarrier();
        if (HasWritingEnded)
            ended.TrySetResult();
        return CountedWork.Until(time, ended.Task).WaitAsync(cancellationToken);
    }

    public void WritingEnded()
    {
        Volatile.Write(ref _hasWritingEnded, true);
        Interlocked.MemoryBarrier();
        _writingEnded?.TrySetResult();
    }

    /// <summary>One of them has ended.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool EndOne() => Interlocked.Decrement(ref _left) == 0;

    /// <returns>Whether the client ends now: once.</returns>
    public bool TryEnd() => !Interlocked.Exchange(ref _ended, true);

    private static void StartOnce(ref bool started, string pump, string clientId)
    {
        if (Interlocked.Exchange(ref started, true))
            throw new InvalidOperationException($"The {pump} pump of client {clientId} was started before. Each pump runs once.");
    }
}
