using System.Threading.Tasks.Sources;
using WsPumps.Diagnostics;

namespace WsPumps.Outbound;

/// <summary>
/// Tells one waiter, again and again and without allocating.
/// </summary>
/// <param name="work">What counts the way to the waiter; null for nobody.</param>
internal sealed class RoomSignal(IWorkCounter? work) : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _core;

    /// <summary>For the one waiter, before anybody can tell it.</summary>
    public ValueTask<bool> Prepare()
    {
        _core.Reset();
        return new ValueTask<bool>(this, _core.Version);
    }

    /// <summary>Once for each <see cref="Prepare"/>. The waiter goes on on another thread: this one may be a lane.</summary>
    public void Set(bool result) => Set(result, isHere: false);

    /// <summary>The same on a thread that has nothing else to do: the waiter goes on there.</summary>
    public void SetHere(bool result) => Set(result, isHere: true);

    private void Set(bool result, bool isHere)
    {
        work?.Begin();
        _core.RunContinuationsAsynchronously = !isHere;
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
