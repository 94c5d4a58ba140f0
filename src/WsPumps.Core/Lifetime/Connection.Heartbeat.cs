using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Lifetime;

/// <content>What the heartbeat of all connections asks of one: whether it is due for a ping, and whether one of its deadlines has
/// passed.</content>
internal sealed partial class Connection
{
    /// <summary>Looked at once in this time at least, whatever it waits for.</summary>
    private static readonly TimeSpan MaxQuiet = TimeSpan.FromSeconds(30);

    private long _messagesSeen;
    private long _quietUntil;
    private bool _hasChanged = true;

    public DateTimeOffset? AuthenticationExpiresAt
    {
        get => Authentication.ExpiresAt;
        set
        {
            Authentication.ExpiresAt = value;
            NoteChange();
        }
    }

    /// <summary>Called each second. Never throws: it would end the heartbeat of all.</summary>
    public void OnHeartbeat(in HeartbeatTick tick)
    {
        // A handler that keeps its thread keeps back what it has written for a tick at most.
        Outbound.WakeCorked();
        try
        {
            if (tick.Now < _quietUntil && !Volatile.Read(ref _hasChanged) && IsAtRest)
                return;

            // First, so that what changes from here on is seen at the next tick.
            Interlocked.Exchange(ref _hasChanged, false);
            _quietUntil = 0;
            Look(tick);
            _quietUntil = QuietUntil(tick);
        }
        catch (Exception exception)
        {
            Log.HeartbeatFailed(_logger, _client.Id, exception);
        }

        _metrics?.Ticked(tick.Number, tick.Lag);
        _meter?.Look(_writePump.WritingFor(tick.Now));
    }

    /// <summary>Something has changed that the heartbeat looks at: it looks again.</summary>
    public void NoteChange() => Volatile.Write(ref _hasChanged, true);

    /// <summary>
    /// Whether nothing is going on for which a deadline runs. Thousands of connections are at rest at any time, and each tick asks them
    /// all: this reads no more memory of each than it has to.
    /// </summary>
    private bool IsAtRest => !_writePump.IsWriting && _wire.Reader.MessageBeganAt == 0 && !_disconnection.HasBegun && !IsAway;

    private void Look(in HeartbeatTick tick)
    {
        // Over a foreign WebSocket, messages are the only bytes that are seen.
        if (Interlocked.Exchange(ref _messagesSeen, _readPump.MessagesReceived) != _readPump.MessagesReceived)
            Control.BytesReceived();

        _writePump.NoteProgress(tick.Now);
        if (_session is not null && LookAt(_session, tick))
            return;

        var writingSince = _writePump.WritingSince;
        if (_disconnection.IsStuck(tick) && _dispatcher.HoldsReader)
            _client.GiveUp();
        else if (tick.HasPassed(_writeTimeout, writingSince))
            EndOnPool(DisconnectCause.Without(DisconnectReason.WriteTimeout));
        else if (_disconnection.IsOverdue(tick))
            EndOnPool(DisconnectCause.Without(DisconnectReason.ConnectionLost));
        // Not while it ends: behind the close frame no ping leaves that the peer could answer.
        else if (_disconnection.Cause is null && Control.IsPeerSilent(tick, excused: HoldsReader || _readingEnded || writingSince != 0))
            EndOnPool(DisconnectCause.Without(DisconnectReason.PongTimeout), silentAt: tick.Now);
        else if (_disconnection.Cause is null && _deadlines.Passed(tick, _readPump, _disconnection.ReadingSince) is { } rule)
            EndOnPool(DisconnectCause.Rule(rule));
    }

    /// <summary>
    /// Until when a look would find nothing, if the connection rests until then; now where the next tick has to look as well.
    /// </summary>
    private long QuietUntil(in HeartbeatTick tick)
    {
        if (!_transport.SendsPings || !IsAtRest)
            return tick.Now;

        var latest = _time.After(tick.Now, MaxQuiet);
        var deadline = _deadlines.Next(tick, latest, _readPump, _disconnection.ReadingSince);
        return Math.Min(latest, Math.Min(Control.NextPing(tick.Now), deadline));
    }

    /// <summary>Away from the heartbeat: an end can raise events of the user's own, and all connections would wait for those.</summary>
    private void EndOnPool(DisconnectCause cause, long silentAt = 0, bool onlyAway = false)
    {
        (_time as IWorkCounter)?.Begin();
        ThreadPool.UnsafeQueueUserWorkItem(
            static end => end.Connection.End(end.Cause, end.SilentAt, end.OnlyAway),
            (Connection: this, Cause: cause, SilentAt: silentAt, OnlyAway: onlyAway), preferLocal: false);
    }

    private void End(DisconnectCause cause, long silentAt, bool onlyAway)
    {
        try
        {
            // What has come in the meantime counts.
            if ((silentAt != 0 && Control.HasShownLifeSince(silentAt)) || (onlyAway && !IsAway))
                return;

            if (cause.Status is null)
                LoseOrAbort(cause);
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
    private bool HoldsReader => _dispatcher.HoldsReader || _readPump.IsHeld || _readPump.Rate is { IsWaiting: true };

    private static partial class Log
    {
        [LoggerMessage(12, LogLevel.Error, "Connection {ConnectionId}: it could not be aborted at its deadline.",
            EventName = "HeartbeatFailed")]
        public static partial void HeartbeatFailed(ILogger logger, string connectionId, Exception exception);
    }
}
