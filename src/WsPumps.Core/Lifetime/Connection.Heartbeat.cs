using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Lifetime;

/// <content>What the heartbeat of all connections asks of one: whether it is due for a ping, and whether one of its deadlines has passed.</content>
internal sealed partial class Connection
{
    /// <summary>Looked at once in this time at least, whatever it waits for.</summary>
    private static readonly TimeSpan MaxQuiet = TimeSpan.FromSeconds(30);

    private readonly bool _isGated;
    private long _messagesSeen;
    private long _quietUntil;
    private bool _isStirred = true;

    public DateTimeOffset? AuthenticationExpiresAt
    {
        get => Authentication.ExpiresAt;
        set
        {
            Authentication.ExpiresAt = value;
            Stir();
        }
    }

    /// <summary>Called each second. Never throws: it would end the heartbeat of all.</summary>
    public void OnHeartbeat(in Beat beat)
    {
        try
        {
            _metrics?.Beat(beat);
            if (beat.Now < _quietUntil && !Volatile.Read(ref _isStirred) && IsAtRest)
                return;

            // First, so that what changes from here on is seen at the next beat.
            Interlocked.Exchange(ref _isStirred, false);
            _quietUntil = 0;
            Look(beat);
            _quietUntil = QuietUntil(beat);
        }
        catch (Exception exception)
        {
            Log.HeartbeatFailed(_logger, _client.Id, exception);
        }
    }

    /// <summary>Something has changed that the heartbeat looks at: it looks again.</summary>
    public void Stir() => Volatile.Write(ref _isStirred, true);

    /// <summary>
    /// Whether nothing is going on for which a deadline runs. Thousands of connections are at rest at any time, and each beat asks them all:
    /// this reads no more memory of each than it has to.
    /// </summary>
    private bool IsAtRest => !_writePump.IsWriting && _reader.MessageBeganAt == 0 && !_ending.HasBegun;

    private void Look(in Beat beat)
    {
        // Without a gate, messages are the only bytes that are seen.
        if (Interlocked.Exchange(ref _messagesSeen, _readPump.MessagesReceived) != _readPump.MessagesReceived)
            Control.BytesReceived();

        var writingFor = _writePump.WritingFor(beat.Now);
        _tally?.Look(writingFor);
        if (_ending.IsStuck(beat.Now) && _dispatcher.HoldsReader)
            _client.GiveUp();
        else if (writingFor >= _writeTimeout)
            EndOnPool(EndCause.Without(DisconnectReason.WriteTimeout));
        else if (_ending.IsOverdue(beat.Now))
            EndOnPool(EndCause.Without(DisconnectReason.ConnectionLost));
        // Not while it ends: behind the close frame no ping leaves that the peer could answer.
        else if (_ending.Cause is null && Control.IsPeerSilent(beat, excused: HoldsReader || _readingEnded || writingFor > TimeSpan.Zero))
            EndOnPool(EndCause.Without(DisconnectReason.PongTimeout));
        else if (_ending.Cause is null && _deadlines.Passed(beat, _readPump, _ending.ReadingSince) is { } rule)
            EndOnPool(EndCause.Rule(rule));
    }

    /// <summary>Until when a look would find nothing, if the connection rests until then; now where the next beat has to look as well.</summary>
    private long QuietUntil(in Beat beat)
    {
        if (!_isGated || !IsAtRest)
            return beat.Now;

        var latest = _time.After(beat.Now, MaxQuiet);
        return Math.Min(latest, Math.Min(Control.NextPing(beat.Now), _deadlines.Next(beat, latest, _readPump, _ending.ReadingSince)));
    }

    /// <summary>Away from the heartbeat: an end can raise events of the user's own, and all connections would wait for those.</summary>
    private void EndOnPool(EndCause cause)
    {
        (_time as IWorkCounter)?.Begin();
        ThreadPool.UnsafeQueueUserWorkItem(static end => end.Connection.End(end.Cause), (Connection: this, Cause: cause), preferLocal: false);
    }

    private void End(EndCause cause)
    {
        try
        {
            if (cause.Status is null)
                Abort(cause);
            else
                Close(cause, cause.Reason is DisconnectReason.AuthenticationExpired ? CloseMode.Now : CloseMode.Drain);
        }
        catch (Exception exception)
        {
            Log.HeartbeatFailed(_logger, _client.Id, exception);
        }
        finally
        {
            (_time as IWorkCounter)?.End();
        }
    }

    /// <summary>Whether nothing is read now because of us.</summary>
    private bool HoldsReader => _dispatcher.HoldsReader || _readPump.Rate is { IsWaiting: true };

    private static partial class Log
    {
        [LoggerMessage(12, LogLevel.Error, "Connection {ConnectionId}: it could not be aborted at its deadline.", EventName = "HeartbeatFailed")]
        public static partial void HeartbeatFailed(ILogger logger, string connectionId, Exception exception);
    }
}
