using WsPumps.Diagnostics;

namespace WsPumps.Endpoints;

/// <summary>
/// What a register callback is told: by a token that stays good for as long as the connection, and by a drain while it runs.
/// </summary>
internal sealed class RegisterToken
{
    private readonly CancellationTokenSource _ends = new();
    private readonly CancellationTokenRegistration _requestAborted;
    private readonly Action<Exception> _onFailure;
    private readonly TimeProvider _time;

    /// <param name="onFailure">Told what code throws that was registered on the token.</param>
    /// <param name="time">A clock that may count what is at work.</param>
    /// <param name="requestAborted">Fires when the connection is lost.</param>
    public RegisterToken(Action<Exception> onFailure, TimeProvider time, CancellationToken requestAborted)
    {
        (_onFailure, _time) = (onFailure, time);
        _requestAborted = requestAborted.UnsafeRegister(static token => _ = ((RegisterToken)token!).EndAsync(), this);
    }

    public CancellationToken Token => _ends.Token;

    /// <summary>Completes when a drain has begun.</summary>
    public TaskCompletionSource Leaves { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the token fire. What is registered on it runs on the thread pool. Never faults.</summary>
    public async Task EndAsync()
    {
        _requestAborted.Unregister();
        try
        {
            await CountedWork.Await(_time, CountedWork.CancelAsync(_time, _ends));
        }
        catch (AggregateException exception)
        {
            _onFailure(exception);
        }
    }
}
