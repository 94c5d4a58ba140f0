using System.Threading.Tasks.Sources;
using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>
/// Tells one waiter, again and again and without allocating. Its continuation never runs on the thread that tells it, which may be a lane.
/// </summary>
/// <param name="work">What counts the way to the waiter; null for nobody.</param>
internal sealed class RoomSignal(IWorkCounter? work) : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>For the one waiter, before anybody can tell it.</summary>
    public ValueTask<bool> Prepare()
    {
        _core.Reset();
        return new ValueTask<bool>(this, _core.Version);
    }

    /// <summary>Once for each <see cref="Prepare"/>.</summary>
    public void Set(bool result)
    {
        work?.Begin();
        _core.SetResult(result);
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        work?.End();
        return _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
}
