namespace WsPumps.Testing.Links;

/// <summary>What happens to the bytes of one direction. Set by the test, read by the mover.</summary>
internal sealed class LinkFaults
{
    private TaskCompletionSource? _stalled;

    /// <summary>Completes when the direction is not stalled.</summary>
    public Task NotStalled => Volatile.Read(ref _stalled)?.Task ?? Task.CompletedTask;

    public bool IsStalled => Volatile.Read(ref _stalled) is not null;

    public TimeSpan Delay { get; set; }

    public int? BytesPerSecond { get; set; }

    /// <summary>The size of the pieces in which bytes arrive; null for as they were written.</summary>
    public int? PieceSize { get; set; }

    /// <summary>How many bytes more arrive before the connection breaks; null for all.</summary>
    public long? BytesToCut { get; set; }

    /// <summary>What a plan does beside that.</summary>
    public FaultSchedule? Schedule { get; set; }

    public void Stall() => Interlocked.CompareExchange(ref _stalled, new TaskCompletionSource(), null);

    public void Resume() => Interlocked.Exchange(ref _stalled, null)?.TrySetResult();
}
