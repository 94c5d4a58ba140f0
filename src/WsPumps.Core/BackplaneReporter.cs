using WsPumps.Diagnostics;

namespace WsPumps;

/// <summary>
/// Keeps the <see cref="IBackplane.Status"/> of an engine and notifies its receiver of each change: a building block for engines, including
/// your own. Safe for concurrent use; the receiver is called on the thread that reports, and no lock is held.
/// </summary>
/// <param name="timeProvider">The clock; null for the system's.</param>
public sealed class BackplaneReporter(TimeProvider? timeProvider = null)
{
    private readonly TimeProvider _time = SafeClock.Of(timeProvider);
    private readonly Lock _lock = new();
    private IBackplaneReceiver? _receiver;
    private BackplaneStatus _status;
    private bool _isOver;

    /// <summary>The status that was reported last. <see cref="BackplaneState.Unknown"/> before <see cref="Begin"/>.</summary>
    public BackplaneStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>The receiver that is notified.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public IBackplaneReceiver Receiver => Volatile.Read(ref _receiver) ?? throw new InvalidOperationException(
        $"The engine was not started. Call {nameof(IBackplane)}.{nameof(IBackplane.StartAsync)} before anything else.");

    /// <summary>
    /// Reports that the engine begins to connect: <see cref="BackplaneState.Connecting"/>. The receiver is not notified of it.
    /// </summary>
    /// <param name="receiver">Is notified from now on.</param>
    public void Begin(IBackplaneReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        Volatile.Write(ref _receiver, receiver);
        Set(BackplaneState.Connecting, null);
    }

    /// <summary>Reports that the engine is connected.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public void Connected() => Tell(BackplaneState.Connected, null);

    /// <summary>
    /// Reports that the connection was lost or that another attempt failed. An engine that was never connected stays
    /// <see cref="BackplaneState.Connecting"/>.
    /// </summary>
    /// <param name="error">The cause, in words; null when it is not known.</param>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public void Lost(string? error) => Tell(BackplaneState.Lost, error);

    /// <summary>Reports that the engine was disposed of. The receiver is notified neither of this nor of later reports.</summary>
    public void End()
    {
        lock (_lock)
            _isOver = true;
        Set(BackplaneState.Lost, "disposed");
    }

    private void Tell(BackplaneState state, string? error)
    {
        lock (_lock)
        {
            if (_isOver)
                return;
        }

        Receiver.StatusChanged(Set(state, error));
    }

    private BackplaneStatus Set(BackplaneState state, string? error)
    {
        lock (_lock)
        {
            // A server that was never reached is still being connected to.
            if (state is BackplaneState.Lost && _status.State is BackplaneState.Connecting)
                state = BackplaneState.Connecting;
            var since = state == _status.State ? _status.Since : _time.GetUtcNow();
            return _status = new BackplaneStatus { State = state, Since = since, Error = error };
        }
    }
}
