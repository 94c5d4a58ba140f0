using System.Threading.Tasks.Sources;

namespace WsPumps.Outbound;

/// <summary>
/// Wakes the one reader without allocating. It resumes on the thread pool, never on the writer's thread, which is also what lets
/// several messages gather before it runs.
/// </summary>
internal sealed class ReaderSignal : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>A wait that ends with the next <see cref="Set"/>, true: there is something to look at. Not while another goes on.</summary>
    public ValueTask<bool> WaitAsync()
    {
        _core.Reset();
        return new ValueTask<bool>(this, _core.Version);
    }

    /// <summary>Once for each wait.</summary>
    public void Set() => _core.SetResult(true);

    bool IValueTaskSource<bool>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
