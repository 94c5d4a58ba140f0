using WsPumps.Diagnostics;

namespace WsPumps;

/// <summary>
/// Keeps the <see cref="IBackplane.Status"/> of an engine and tells its receiver of each change: a part for engines, also those of your
/// own. Safe for concurrent use; the receiver is called on the thread that reports, under no lock.
/// </summary>
/// <param name="timeProvider">The clock; null for the system's.</param>
public sealed class BackplaneReporter(TimeProvider? timeProvider = null)
{
    private readonly TimeProvider _time = SafeClock.Of(timeProvider);
    private readonly Lock _lock = new();
    private IBackplaneReceiver? _receiver;
    private BackplaneStatus _status;
    private bool _isOver;

    /// <summary>What was reported last. Unknown before <see cref="Begin"/>.</summary>
    public BackplaneStatus Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>Who is told.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Begin"/> was not called.</exception>
    public IBackplaneReceiver Receiver => Volatile.Read(ref _receiver) ?? throw new InvalidOperationException(
        $"The engine was not started. Call {nameof(IBackplane)}.{nameof(IBackplane.StartAsync)} before anything else.");

    /// <summary>The engine begins to connect: <see cref="BackplaneState.Connecting"/>. Nobody is told of that.</summary>
    /// <param name="receiver">Who is told from here on.</param>
    public void Begin(IBackplaneReceiver receiver)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        Volatile.Write(ref _receiver, receiver);
        Set(BackplaneState.Connecting, null);
    }

    /// <summary>There is a connection.</summary>
    public void Connected() => Tell(BackplaneState.Connected, null);

    /// <summary>
    /// The connection is lost, or another attempt has failed. An engine that was never connected stays
    /// <see cref="BackplaneState.Connecting"/>.
    /// </summary>
    /// <param name="error">Why, for people.</param>
    public void Lost(string? error) => Tell(BackplaneState.Lost, error);

    /// <summary>The engine was disposed of. Nobody is told of that, nor of what is reported later.</summary>
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
