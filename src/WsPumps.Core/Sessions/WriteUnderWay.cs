namespace WsPumps.Sessions;

/// <summary>
/// Whether a write is under way, and who waits for its end. Begun and waited for under a lock; ended without it, by whoever writes.
/// </summary>
internal struct WriteUnderWay
{
    private int _isUnderWay;
    private TaskCompletionSource? _ended;

    public void Set(bool isUnderWay) => Volatile.Write(ref _isUnderWay, isUnderWay ? 1 : 0);

    public void End()
    {
        // Either this sees who waits, or who waits sees that it has ended.
        Interlocked.Exchange(ref _isUnderWay, 0);
        Volatile.Read(ref _ended)?.TrySetResult();
    }

    /// <summary>Completes when none is under way.</summary>
    public Task WhenEnded()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _ended, ended);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isUnderWay) == 0)
            ended.TrySetResult();
        return ended.Task;
    }
}
