using System.Net.WebSockets;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Inbound;
using WsPumps.Sessions;

namespace WsPumps.Lifetime;

/// <content>How the pumps go on where a connection is lost and another one follows. Where sessions do not resume, none of it is
/// called.</content>
internal sealed partial class Connection
{
    /// <summary>Whether no connection serves the session now.</summary>
    public bool IsAway => _session is { IsAway: true };

    /// <summary>A newer connection asks to serve the session: gives up the older one, and says what has been received.</summary>
    /// <param name="received">How many messages its peer has received.</param>
    public async ValueTask<ResumeClaim> ClaimAsync(long received)
    {
        if (_session is not { } session || _disconnection.HasBegun)
            return ResumeClaim.Refused(null);
        if (session.Transport.LackingAfter(received, out var missed) is null)
            return ResumeClaim.Refused(missed);

        var claim = session.Claim();
        var older = session.Wire;
        session.Lose(older, DisconnectReason.ConnectionLost, null);
        if (_disconnection.HasBegun)
            return ResumeClaim.Refused(null);

        try
        {
            // What has come in whole is counted and handled; only then is the count final.
            await older.Left.WaitAsync(_closeTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return ResumeClaim.Refused(null);
        }

        return _disconnection.HasBegun || session.Transport.LackingAfter(received, out missed) is not { } lacking
            ? ResumeClaim.Refused(missed)
            : new ResumeClaim(this, claim, lacking, _readPump.MessagesReceived);
    }

    public bool IsLatest(int claim) => _session!.IsLatest(claim);

    /// <summary>Serves the session with a connection until it is lost, or the session ends.</summary>
    /// <returns>False when it could not be served by it.</returns>
    public async Task<bool> ServeAsync(WebSocket webSocket, int claim, SentAgain lacking, CancellationToken connectionGone)
    {
        var session = _session!;
        var wire = Wire.Over(webSocket, _wire.Reader.MaxMessageSize, _streamed, _time);
        var sentAgain = await session.ServeAsync(wire, claim, lacking, Begin).ConfigureAwait(false);
        if (session.Wire != wire)
            return false;

        if (sentAgain is { } count)
        {
            SafeEvents.Raise(_client.EventsInUse?.OnResumed, new ResumedEvent { MessagesSentAgain = count }, nameof(ClientEvents.Resumed),
                _client.Id, _logger, _time);
        }

        NoteChange();
        await Task.WhenAny(wire.Left, _client.Completion).ConfigureAwait(false);
        return true;

        void Begin()
        {
            Volatile.Write(ref _wire, wire);
            Control.Reset();
            wire.Watch(connectionGone);
        }
    }

    /// <summary>Reads one connection after the other, as long as the session is only away in between.</summary>
    private async Task<ReadOutcome> ReadAllAsync(Session session)
    {
        for (var wire = _wire; ;)
        {
            try
            {
                return await _readPump.RunAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (_disconnection.Cause is null && ConnectionErrors.IsConnectionLost(exception)
                && !ConnectionErrors.IsProtocolError(exception))
            {
                session.Lose(wire, DisconnectReason.ConnectionLost, exception);
            }

            SafeEvents.Raise(_client.EventsInUse?.OnAway, default, nameof(ClientEvents.Away), _client.Id, _logger,
                _time);
            wire = await session.NextAsync(wire).ConfigureAwait(false) ?? throw new IOException("The session has ended.");
            _readPump.Use(wire.Reader);
        }
    }

    /// <summary>Whoever noticed. Where the session is ending already, there is nothing to wait for.</summary>
    private void OnLost()
    {
        _wire.Reader.Abort();
        _dispatcher.ReleaseReader();
        _wire.Reader.Streaming?.Stop();
        if (_disconnection.HasBegun)
            Abort(DisconnectCause.Without(DisconnectReason.ConnectionLost));
        // What was sent of a message that is streamed is not kept.
        else if (Outbound.IsWithinMessage)
            Abort(DisconnectCause.Without(DisconnectReason.ConnectionLost, _session!.LostBy.Exception));
        NoteChange();
    }

    /// <summary>The network or the peer is at fault: a session is only away then.</summary>
    private void LoseOrAbort(DisconnectCause cause)
    {
        if (_session is { IsAway: false } && _disconnection.Cause is null && cause.Reason is DisconnectReason.PongTimeout
            or DisconnectReason.WriteTimeout or DisconnectReason.ConnectionLost)
        {
            _session.Lose(_session.Wire, cause.Reason, cause.Exception);
        }
        else
        {
            Abort(cause);
        }
    }

    /// <summary>For the heartbeat.</summary>
    /// <returns>Whether there is nothing else to look at.</returns>
    private bool LookAt(Session session, in HeartbeatTick tick)
    {
        if (session.IsAway)
        {
            if (tick.HasPassed(session.Window, session.AwaySince))
                EndOnPool(DisconnectCause.Without(session.LostBy.Reason, session.LostBy.Exception), onlyAway: true);
            else if (_disconnection.Cause is null && _deadlines.Passed(tick, _readPump, _disconnection.ReadingSince) is { } rule)
                EndOnPool(DisconnectCause.Rule(rule));
            return true;
        }

        if (tick.HasPassed(_writeTimeout, session.Transport.SendingAgainSince))
            EndOnPool(DisconnectCause.Without(DisconnectReason.WriteTimeout));
        else if (tick.HasPassed(_closeTimeout, session.Wire.GoneAt))
            EndOnPool(DisconnectCause.Without(DisconnectReason.ConnectionLost));
        else if (Control.AnsweredPingAt is var answered and not 0)
            session.Transport.ForgetBefore(Math.Min(answered, tick.Now - (_time.After(0, session.Window))));
        return false;
    }
}
