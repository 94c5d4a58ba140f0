using System.Net.WebSockets;

namespace WsPumps.Lifetime;

/// <summary>How far the end of a connection has come: its first cause, and the deadlines that follow from it.</summary>
internal sealed class Disconnection(TimeSpan drainTimeout, TimeSpan answerTimeout, TimeProvider time)
{
    private DisconnectCause? _cause;
    private long _beganAt;
    private long _closeSentAt;
    private long _goneAt;
    private long _abortedAt;
    private long _readingSince;
    private CancellationTokenRegistration _watch;
    private CancellationTokenRegistration _otherWatch;

    /// <summary>The first cause; null while the connection is open.</summary>
    public DisconnectCause? Cause => Volatile.Read(ref _cause);

    /// <summary>The code of the close frame that we wrote; null when none was.</summary>
    public WebSocketCloseStatus? StatusSent { get; private set; }

    /// <summary>The reason in that frame.</summary>
    public string? ReasonSent { get; private set; }

    /// <summary>Whether there is anything that <see cref="IsOverdue"/> and <see cref="IsStuck"/> watch.</summary>
    public bool HasBegun => Cause is not null || Volatile.Read(ref _goneAt) != 0 || Volatile.Read(ref _abortedAt) != 0;

    /// <returns>False when the end had begun already: that cause stands.</returns>
    public bool TryBegin(DisconnectCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, cause, null) is not null)
            return false;

        Volatile.Write(ref _beganAt, time.GetTimestamp());
        return true;
    }

    public void CloseSent(WebSocketCloseStatus status, string reason)
    {
        (StatusSent, ReasonSent) = (status, reason);
        Volatile.Write(ref _closeSentAt, time.GetTimestamp());
    }

    /// <summary>
    /// The token says that the connection underneath is gone; what had arrived may still be read. Both pumps are given one, as a rule the
    /// same.
    /// </summary>
    public void Watch(CancellationToken connectionGone)
    {
        if (!_watch.Token.CanBeCanceled)
            _watch = Register(connectionGone);
        else if (_watch.Token != connectionGone)
            _otherWatch = Register(connectionGone);
    }

    public void Unwatch()
    {
        _watch.Unregister();
        _otherWatch.Unregister();
    }

    /// <summary>When both pumps ran; 0 before.</summary>
    public long ReadingSince => Volatile.Read(ref _readingSince);

    /// <summary>Both pumps are running.</summary>
    public void ReadingBegun() => Volatile.Write(ref _readingSince, time.GetTimestamp());

    /// <summary>The connection was torn down: the pumps should end now.</summary>
    public void Aborted() => Interlocked.CompareExchange(ref _abortedAt, time.GetTimestamp(), 0);

    /// <summary>
    /// Whether the pumps have had all the time that they need after an abort: at most the answer timeout twice, for callbacks on the
    /// handlers' token, and for a handler.
    /// </summary>
    public bool IsStuck(in HeartbeatTick tick)
    {
        var (reading, aborted) = (ReadingSince, Volatile.Read(ref _abortedAt));
        return reading != 0 && aborted != 0 && tick.HasPassed(answerTimeout * 3, Math.Max(reading, aborted));
    }

    /// <summary>
    /// Whether it has taken too long: the queue to drain, then the peer to answer our close frame, or the pumps to notice
    /// that the connection is gone.
    /// </summary>
    public bool IsOverdue(in HeartbeatTick tick)
    {
        var answer = Volatile.Read(ref _closeSentAt);
        return answer != 0
            ? tick.HasPassed(answerTimeout, answer)
            : tick.HasPassed(drainTimeout, Volatile.Read(ref _beganAt)) || tick.HasPassed(answerTimeout, Volatile.Read(ref _goneAt));
    }

    private CancellationTokenRegistration Register(CancellationToken connectionGone) =>
        connectionGone.UnsafeRegister(static disconnection => ((Disconnection)disconnection!).ConnectionGone(), this);

    private void ConnectionGone() => Interlocked.CompareExchange(ref _goneAt, time.GetTimestamp(), 0);
}
