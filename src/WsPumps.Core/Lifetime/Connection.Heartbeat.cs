using Microsoft.Extensions.Logging;

namespace WsPumps.Lifetime;

/// <content>What the heartbeat of all connections asks of one: whether it is due for a ping, and whether one of its deadlines has passed.</content>
internal sealed partial class Connection
{
    private long _messagesSeen;

    /// <summary>Called each second. Never throws: it would end the heartbeat of all.</summary>
    public void OnHeartbeat(in Beat beat)
    {
        try
        {
            // Without a gate, messages are the only bytes that are seen.
            if (Interlocked.Exchange(ref _messagesSeen, _readPump.MessagesReceived) != _readPump.MessagesReceived)
                Control.BytesReceived();

            var writingFor = _writePump.WritingFor(beat.Now);
            _tally?.Beat(beat, writingFor);
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
        catch (Exception exception)
        {
            Log.HeartbeatFailed(_logger, _client.Id, exception);
        }
    }

    /// <summary>Away from the heartbeat: an end can raise events of the user's own, and all connections would wait for those.</summary>
    private void EndOnPool(EndCause cause) => ThreadPool.UnsafeQueueUserWorkItem(
        static end =>
        {
            try
            {
                if (end.Cause.Status is null)
                    end.Connection.Abort(end.Cause);
                else
                    end.Connection.Close(end.Cause, end.Cause.Reason is DisconnectReason.AuthenticationExpired ? CloseMode.Now : CloseMode.Drain);
            }
            catch (Exception exception)
            {
                Log.HeartbeatFailed(end.Connection._logger, end.Connection._client.Id, exception);
            }
        },
        (Connection: this, Cause: cause),
        preferLocal: false);

    /// <summary>Whether nothing is read now because of us.</summary>
    private bool HoldsReader => _dispatcher.HoldsReader || _readPump.Rate is { IsWaiting: true };

    private static partial class Log
    {
        [LoggerMessage(12, LogLevel.Error, "Connection {ConnectionId}: it could not be aborted at its deadline.", EventName = "HeartbeatFailed")]
        public static partial void HeartbeatFailed(ILogger logger, string connectionId, Exception exception);
    }
}
