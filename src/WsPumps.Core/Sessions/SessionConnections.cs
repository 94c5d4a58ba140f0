using WsPumps.Transports;

namespace WsPumps.Sessions;

/// <summary>
/// Which connection serves a session, one after the other, and what a write is to do meanwhile. Nothing is called under its lock but the
/// question whether a connection may begin.
/// </summary>
internal sealed class SessionConnections
{
    private readonly Lock _lock = new();
    private Transport _current;
    private volatile SessionPhase _phase = SessionPhase.Served;
    private WriteUnderWay _write;
    private ParkedWrite? _parked;
    private int _count;

    /// <summary>What was kept under an earlier connection has been sent again.</summary>
    private int _keptUnder;

    /// <summary>Whether the next write holds what cannot be sent again.</summary>
    private bool _isStreamed;
    private long _awaySince;

    public SessionConnections(Transport first, SentMessages sent)
    {
        _current = first;
        Kept = new KeptMessages(sent, _lock);
    }

    public KeptMessages Kept { get; }

    /// <summary>The latest one.</summary>
    public Transport Current => Volatile.Read(ref _current);

    /// <summary>How many have followed the first one.</summary>
    public int Count => Volatile.Read(ref _count);

    public SessionPhase Phase => _phase;

    /// <summary>Since when there is no connection, while the session is away.</summary>
    public long AwaySince => Volatile.Read(ref _awaySince);

    /// <summary>Keeps what is about to be written, in the form for a connection.</summary>
    /// <returns>False when another one has come meanwhile.</returns>
    public bool TryKeep(ReadOnlySpan<PreparedMessage> messages, Transport current, long now)
    {
        lock (_lock)
        {
            if (current != _current)
                return false;

            (_keptUnder, _isStreamed) = (_count, Kept.Keep(messages, now));
            return true;
        }
    }

    /// <summary>Begins to write what was kept last.</summary>
    /// <param name="frames">What is written.</param>
    /// <param name="instead">What the write is where there is no connection to write to.</param>
    /// <returns>The connection to write to. Then <see cref="Written"/> ends the write.</returns>
    public Transport? TryWrite(ReadOnlyMemory<byte> frames, out Task instead)
    {
        lock (_lock)
        {
            instead = Task.CompletedTask;
            if (_phase is SessionPhase.Ended)
                instead = Task.FromException(Over());
            else if (_isStreamed && (_keptUnder != _count || _phase is not SessionPhase.Served))
                instead = Task.FromException(new IOException("The connection was lost within a message that is streamed."));
            // Otherwise a connection has come since it was kept, and has been sent it.
            else if (_keptUnder == _count && _phase is SessionPhase.Served)
                return Begin();
            else if (_keptUnder == _count)
                instead = (_parked = new ParkedWrite(frames)).Task;
            return null;
        }
    }

    public void Written() => _write.End();

    /// <returns>False when it is not the latest, or was lost before.</returns>
    public bool TryLose(Transport connection, long now)
    {
        lock (_lock)
        {
            if (connection != _current || _phase is SessionPhase.Away or SessionPhase.Ended)
                return false;

            _awaySince = now;
            _phase = SessionPhase.Away;
            return true;
        }
    }

    /// <summary>The connection is to be closed although the session goes on. Nothing is written to it any more.</summary>
    /// <returns>The connection, and the end of the write under way; null where none serves the session.</returns>
    public (Transport Connection, Task Written)? TryLeave()
    {
        lock (_lock)
        {
            if (_phase is not SessionPhase.Served)
                return null;

            _phase = SessionPhase.Leaving;
            return (_current, _write.WhenEnded());
        }
    }

    /// <summary>The session was elsewhere: its first connection is to be sent what it lacks.</summary>
    public void Continue(long received, IReadOnlyList<PreparedMessage> lacking, long now)
    {
        lock (_lock)
        {
            Kept.Continue(received, lacking, now);
            _phase = SessionPhase.SendingAgain;
        }
    }

    /// <summary>A connection comes to a session that is away.</summary>
    /// <param name="next">The connection.</param>
    /// <param name="promised">What was promised to it.</param>
    /// <param name="tryBegin">Called when nothing stands against it; it may still say no.</param>
    /// <param name="parked">A write that has waited: what it holds is among the result.</param>
    /// <returns>What is to be sent to it first; null when the session no longer waits for it.</returns>
    public PreparedMessage[]? TryBegin(Transport next, SentAgain promised, Func<bool> tryBegin, out ParkedWrite? parked)
    {
        lock (_lock)
        {
            parked = null;
            if (_phase is not SessionPhase.Away || Kept.Since(promised) is not { } missing || !tryBegin())
                return null;

            _phase = SessionPhase.SendingAgain;
            _current = next;
            _count++;
            (parked, _parked) = (_parked, null);
            return missing;
        }
    }

    /// <summary>A connection has been sent what it lacked.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="parked">A write that has begun to wait since, and is under way from now on.</param>
    /// <returns>False when it was lost meanwhile.</returns>
    public bool TryServe(Transport connection, out ParkedWrite? parked)
    {
        lock (_lock)
        {
            parked = null;
            if (_current != connection || _phase is not SessionPhase.SendingAgain)
                return false;

            _phase = SessionPhase.Served;
            (parked, _parked) = (_parked, null);
            _write.Set(parked is not null);
            return true;
        }
    }

    /// <summary>The session ends. A write that waits fails.</summary>
    public void End()
    {
        ParkedWrite? parked;
        lock (_lock)
        {
            _phase = SessionPhase.Ended;
            (parked, _parked) = (_parked, null);
        }

        parked?.TrySetException(Over());
    }

    public static IOException Over() => new("The session has ended.");

    private Transport Begin()
    {
        _write.Set(isUnderWay: true);
        return _current;
    }
}
