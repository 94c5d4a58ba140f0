using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Lifetime;

/// <summary>
/// What the heartbeat of all connections asks of one: whether it is due for a ping, and whether one of its deadlines has passed.
/// </summary>
internal sealed partial class ConnectionWatch(
    Connection connection, ClientOptions options, PumpsMetrics? metrics, ConnectionMeter? meter, ILogger logger)
{
    /// <summary>Looked at once in this time at least, whatever it waits for.</summary>
    private static readonly TimeSpan MaxQuiet = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _writeTimeout = options.WriteTimeout;
    private readonly Deadlines _deadlines = new(options, connection.Authentication, connection.Time);
    private readonly Heartbeat _heartbeat = Heartbeat.For(connection.Time);
    private long _messagesSeen;
    private long _quietUntil;
    private bool _hasChanged = true;
    private SlowHandler _slowHandler;

    public void Begin() => _heartbeat.Add(this);

    public void End() => _heartbeat.Remove(this);

    /// <summary>The rule that closes the connection now; null where there is none.</summary>
    public DisconnectReason? RuleThatHasPassed(in HeartbeatTick tick) => connection.Disconnection.Cause is null
        ? _deadlines.Passed(tick, connection.ReadPump, connection.Disconnection.ReadingSince) : null;

    /// <summary>How long the peer has owed the answer to a ping; null where it owes none, or where we would not read it.</summary>
    public TimeSpan? UnansweredFor => connection.Control.UnansweredFor is { } time && !HoldsReading ? time : null;

    /// <summary>Called each second. Never throws: it would end the heartbeat of all.</summary>
    public void OnHeartbeat(in HeartbeatTick tick)
    {
        // A handler that keeps its thread keeps back what it has written for a tick at most.
        connection.Outbound.WakeCorked();
        // Also where all are at rest: the sums are gathered anew once for each tick.
        metrics?.Ticked(tick.Number, tick.Lag);
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
            Log.HeartbeatFailed(logger, connection.Client.Id, exception);
        }

        meter?.Look(connection.WritePump.WritingFor(tick.Now));
    }

    /// <summary>Something has changed that the heartbeat looks at: it looks again.</summary>
    public void NoteChange() => Volatile.Write(ref _hasChanged, true);

    /// <summary>Away from the heartbeat: an end can raise events of the user's own, and all connections would wait for those.</summary>
    public void EndOnPool(DisconnectCause cause, long silentAt = 0, bool onlyAway = false)
    {
        (connection.Time as IWorkCounter)?.Begin();
        ThreadPool.UnsafeQueueUserWorkItem(
            static end => end.Watch.Disconnect(end.Cause, end.SilentAt, end.OnlyAway),
            (Watch: this, Cause: cause, SilentAt: silentAt, OnlyAway: onlyAway), preferLocal: false);
    }

    /// <summary>
    /// Whether nothing is going on for which a deadline runs. Thousands of connections are at rest at any time, and each tick asks them
    /// all: this reads no more memory of each than it has to.
    /// </summary>
    private bool IsAtRest => !connection.WritePump.IsWriting && connection.Reader.MessageBeganAt == 0
        && !connection.Disconnection.HasBegun && !connection.Dispatcher.HoldsUp && !IsAway;

    /// <summary>Whether the peer cannot be heard now because of us.</summary>
    private bool IsDeaf => HoldsReading || connection.WritePump.IsWriting;

    private bool HoldsReading => connection.Dispatcher.HoldsReader || connection.ReadPump.IsHeld
        || connection.ReadPump.Rate is { IsWaiting: true } || connection.HasReadAll;

    private bool IsAway => connection.Session is { IsAway: true };

    private void Look(in HeartbeatTick tick)
    {
        // Over a foreign WebSocket, messages are the only bytes that are seen.
        if (Interlocked.Exchange(ref _messagesSeen, connection.ReadPump.MessagesReceived) != connection.ReadPump.MessagesReceived)
            connection.Control.BytesReceived();

        connection.WritePump.NoteProgress(tick.Now);
        if (_slowHandler.IsNoticed(tick, connection.Dispatcher))
            Log.HandlerIsSlow(logger, connection.Client.Id, SlowHandler.Limit);
        if (connection.Session is { } session && session.Look(tick))
            return;

        var writingSince = connection.WritePump.WritingSince;
        if (connection.Disconnection.IsStuck(tick) && connection.Dispatcher.HoldsReader)
            connection.Client.GiveUp();
        else if (tick.HasPassed(_writeTimeout, writingSince))
            EndOnPool(DisconnectCause.Without(DisconnectReason.WriteTimeout));
        else if (connection.Disconnection.IsOverdue(tick))
            EndOnPool(DisconnectCause.Without(DisconnectReason.ConnectionLost));
        // Not while it ends: behind the close frame no ping leaves that the peer could answer.
        else if (connection.Disconnection.Cause is null && connection.Control.IsPeerSilent(tick, excused: IsDeaf))
            EndOnPool(DisconnectCause.Without(DisconnectReason.PongTimeout), silentAt: tick.Now);
        else if (RuleThatHasPassed(tick) is { } rule)
            EndOnPool(DisconnectCause.Rule(rule));
    }

    /// <summary>
    /// Until when a look would find nothing, if the connection rests until then; now where the next tick has to look as well.
    /// </summary>
    private long QuietUntil(in HeartbeatTick tick)
    {
        if (!connection.Transport.SendsPings || !IsAtRest)
            return tick.Now;

        var latest = connection.Time.After(tick.Now, MaxQuiet);
        var deadline = _deadlines.Next(tick, latest, connection.ReadPump, connection.Disconnection.ReadingSince);
        return Math.Min(latest, Math.Min(connection.Control.NextPing(tick.Now), deadline));
    }

    private void Disconnect(DisconnectCause cause, long silentAt, bool onlyAway)
    {
        try
        {
            // What has come in the meantime counts.
            if ((silentAt != 0 && connection.Control.HasShownLifeSince(silentAt)) || (onlyAway && !IsAway))
                return;

            if (cause.Status is null)
                connection.Lose(cause);
            else
                connection.Close(cause, cause.Reason is DisconnectReason.AuthenticationExpired ? CloseMode.Now : CloseMode.Drain);
        }
        catch (Exception exception)
        {
            Log.HeartbeatFailed(logger, connection.Client.Id, exception);
        }
        finally
        {
            (connection.Time as IWorkCounter)?.End();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(19, LogLevel.Warning, "Connection {ConnectionId}: a message handler has not ended for {Limit}, and holds up the " +
            "messages behind its own. Let it await instead of blocking its thread, or leave what takes long to a task of its own.",
            EventName = "HandlerIsSlow")]
        public static partial void HandlerIsSlow(ILogger logger, string connectionId, TimeSpan limit);

        [LoggerMessage(12, LogLevel.Error, "Connection {ConnectionId}: it could not be aborted at its deadline.",
            EventName = "HeartbeatFailed")]
        public static partial void HeartbeatFailed(ILogger logger, string connectionId, Exception exception);
    }
}
