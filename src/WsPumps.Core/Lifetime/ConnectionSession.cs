using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Inbound;
using WsPumps.Outbound;
using WsPumps.Sessions;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>How the pumps go on where a connection is lost and another one follows. Made only where sessions resume.</summary>
internal sealed class ConnectionSession
{
    private readonly Connection _connection;
    private readonly Session _session;
    private readonly TimeSpan _writeTimeout;
    private readonly TimeSpan _closeTimeout;
    private readonly int? _maxSocketBytes;
    private readonly ILogger _logger;
    private long _receivedElsewhere;

    public ConnectionSession(Connection connection, Wire first, ResumeOptions resume, ClientOptions options, ILogger logger)
    {
        (_connection, _writeTimeout, _closeTimeout, _logger) = (connection, options.WriteTimeout, options.CloseTimeout, logger);
        _maxSocketBytes = options.EffectiveMaxSocketBytes;
        _session = new Session(first, resume, OnLost, connection.Time);
        Leave = new SessionLeave(connection, _session, options);
    }

    /// <summary>How its peer is sent to another server.</summary>
    public SessionLeave Leave { get; }

    /// <summary>Whether no connection serves the session now.</summary>
    public bool IsAway => _session.IsAway;

    public Transport Transport => _session.Transport;

    /// <summary>How many data messages were received in the session, over all its connections.</summary>
    private long MessagesReceived => _receivedElsewhere + _connection.ReadPump.MessagesReceived;

    /// <inheritdoc cref="Session.Sent"/>
    public ISentObserver Sent => _session.Sent;

    public void End() => _session.End();

    /// <summary>A newer connection asks to serve the session: gives up the older one, and says what has been received.</summary>
    /// <param name="received">How many messages its peer has received.</param>
    public async ValueTask<ResumeClaim> ClaimAsync(long received)
    {
        if (_connection.Disconnection.HasBegun)
            return ResumeClaim.Refused(null);
        if (_session.Kept.LackingAfter(received, out var missed) is null)
            return ResumeClaim.Refused(missed, _session.Kept.IsOutdated(received));

        var claim = _session.Claim();
        var older = _session.Wire;
        _session.Lose(older, DisconnectReason.ConnectionLost, null);
        if (_connection.Disconnection.HasBegun)
            return ResumeClaim.Refused(null);

        try
        {
            // What has come in whole is counted and handled; only then is the count final.
            await older.Left.WaitAsync(_closeTimeout, _connection.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return ResumeClaim.Refused(null);
        }

        // It may have moved to another server meanwhile, and nothing is missed then.
        if (_connection.Disconnection.HasBegun)
            return ResumeClaim.Refused(null);

        return _session.Kept.LackingAfter(received, out missed) is { } lacking
            ? new ResumeClaim(this, claim, lacking, MessagesReceived)
            : ResumeClaim.Refused(missed, _session.Kept.IsOutdated(received));
    }

    public bool IsLatest(int claim) => _session.IsLatest(claim);

    /// <summary>Serves the session with a connection until it is lost, or the session ends.</summary>
    /// <returns>False when it could not be served by it.</returns>
    public async Task<bool> ServeAsync(WebSocket webSocket, int claim, SentAgain lacking, CancellationToken connectionGone)
    {
        var wire = Wire.Over(webSocket, _connection.Reader.MaxMessageSize, _connection.Streamed, _maxSocketBytes, _connection.Time);
        var sentAgain = await _session.ServeAsync(wire, claim, lacking, Begin).ConfigureAwait(false);
        if (_session.Wire != wire)
            return false;

        if (sentAgain is { } count)
        {
            SafeEvents.Raise(_connection.Client.EventsInUse?.OnResumed, new ResumedEvent { MessagesSentAgain = count },
                nameof(ClientEvents.Resumed), _connection.Client.Id, _logger,
                _connection.Time);
        }

        _connection.Watch.NoteChange();
        await Task.WhenAny(wire.Left, CountedWork.Until(_connection.Time, _connection.Client.Completion)).ConfigureAwait(false);
        return true;

        void Begin()
        {
            Leave.EndWait();
            _connection.Use(wire);
            wire.Watch(connectionGone);
        }
    }

    /// <summary>Reads one connection after the other, as long as the session is only away in between.</summary>
    public async Task<ReadOutcome> ReadAllAsync(Wire first)
    {
        for (var wire = first; ;)
        {
            try
            {
                var outcome = await _connection.ReadPump.RunAsync().ConfigureAwait(false);
                if (outcome is not ReadOutcome.Closed || !Leave.IsAnswered)
                    return outcome;

                _session.Lose(wire, DisconnectReason.Shutdown, null);
            }
            catch (Exception exception) when (_connection.Disconnection.Cause is null && ConnectionErrors.IsConnectionLost(exception)
                && !ConnectionErrors.IsProtocolError(exception))
            {
                _session.Lose(wire, DisconnectReason.ConnectionLost, exception);
            }

            SafeEvents.Raise(_connection.Client.EventsInUse?.OnAway, default, nameof(ClientEvents.Away), _connection.Client.Id, _logger,
                _connection.Time);
            wire = await _session.NextAsync(wire).ConfigureAwait(false) ?? throw new IOException("The session has ended.");
            _connection.ReadPump.Use(wire.Reader);
        }
    }

    /// <summary>Completes when every message that was received has been handled. While the session is away.</summary>
    public Task WhenHandledAsync() => _connection.Dispatcher.WhenIdleAsync();

    /// <summary>About how many payload bytes <see cref="TakeOutAsync"/> gives.</summary>
    /// <param name="received">How many messages the peer has received.</param>
    public long BytesAfter(long received) => _session.Kept.BytesAfter(received) + _connection.Outbound.Counters().QueuedBytes;

    /// <summary>Ends the session here, because it goes on in another process.</summary>
    /// <param name="claim">The claim of the other process.</param>
    /// <param name="received">How many messages the peer has received.</param>
    /// <returns>What goes on there; null where that claim is not the latest, the session has ended, or a message is streamed.</returns>
    public async Task<SessionContent?> TakeOutAsync(int claim, long received)
    {
        if (_connection.Outbound.IsStreaming || !_session.TryLeave(claim))
            return null;

        var cause = DisconnectCause.Without(DisconnectReason.Moved);
        try
        {
            if (!_connection.Disconnection.TryBegin(cause))
                return null;

            var queued = QueueMove.TakeOut(_connection.Outbound, out var taken);
            var lacking = await _session.Kept.LackingOfAllAsync(received, taken).WaitAsync(_closeTimeout, _connection.Time)
                .ConfigureAwait(false);
            return lacking is null ? null : new SessionContent(MessagesReceived, lacking, queued);
        }
        finally
        {
            _connection.Abort(cause);
        }
    }

    /// <summary>Goes on with a session from another process. Before the pumps start.</summary>
    /// <param name="content">What it consists of.</param>
    /// <param name="received">How many messages the peer has received.</param>
    /// <param name="isRepeated">Whether a message that was written here already is among that. Called under a lock.</param>
    public void Continue(SessionContent content, long received, Func<PreparedMessage, bool> isRepeated)
    {
        _receivedElsewhere = content.MessagesReceived;
        _session.Transport.Continue(received, content.Lacking);
        QueueMove.PutBefore(_connection.Outbound, content.Queued, isRepeated);
    }

    /// <summary>Before the write pump runs.</summary>
    public ValueTask BeginAsync() => _session.Transport.BeginAsync();

    /// <summary>The network or the peer is at fault: a session is only away then.</summary>
    /// <returns>False when it has to end.</returns>
    public bool TryLose(DisconnectCause cause)
    {
        if (IsAway || _connection.Disconnection.Cause is not null || cause.Reason is not
            (DisconnectReason.PongTimeout or DisconnectReason.WriteTimeout or DisconnectReason.ConnectionLost))
        {
            return false;
        }

        _session.Lose(_session.Wire, cause.Reason, cause.Exception);
        return true;
    }

    /// <summary>For the heartbeat.</summary>
    /// <returns>Whether there is nothing else to look at.</returns>
    public bool Look(in HeartbeatTick tick)
    {
        if (IsAway)
        {
            if (tick.HasPassed(_session.Window, _session.AwaySince))
                _connection.Watch.EndOnPool(DisconnectCause.Without(_session.LostBy.Reason, _session.LostBy.Exception), onlyAway: true);
            else if (_connection.Watch.RuleThatHasPassed(tick) is { } rule)
                _connection.Watch.EndOnPool(DisconnectCause.Rule(rule));
            else if (Leave.Stranded is { } cause)
                _connection.Watch.EndOnPool(cause, onlyAway: true);
            return true;
        }

        if (tick.HasPassed(_writeTimeout, _session.Transport.SendingAgainSince))
            _connection.Watch.EndOnPool(DisconnectCause.Without(DisconnectReason.WriteTimeout));
        else if (tick.HasPassed(_closeTimeout, _session.Wire.GoneAt))
            _connection.Watch.EndOnPool(DisconnectCause.Without(DisconnectReason.ConnectionLost));
        else if (_connection.Control.AnsweredPingAt is var answered and not 0)
            _session.Kept.ForgetBefore(Math.Min(answered, tick.Now - _connection.Time.After(0, _session.Window)));
        return false;
    }

    /// <summary>Whoever noticed. Where the session is ending already, there is nothing to wait for.</summary>
    private void OnLost()
    {
        _connection.Reader.Abort();
        _connection.Dispatcher.ReleaseReader();
        _connection.Reader.Streaming?.Stop();
        if (_connection.Disconnection.HasBegun)
            _connection.Abort(DisconnectCause.Without(DisconnectReason.ConnectionLost));
        // What was sent of a message that is streamed is not kept.
        else if (_connection.Outbound.IsWithinMessage)
            _connection.Abort(DisconnectCause.Without(DisconnectReason.ConnectionLost, _session.LostBy.Exception));
        _connection.Watch.NoteChange();
    }
}
