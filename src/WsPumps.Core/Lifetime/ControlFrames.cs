using Microsoft.Extensions.Logging;
using WsPumps.Framing;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>
/// Pings, pongs and what they say about the peer. Any byte from the peer counts as life; time in which our own side was
/// not reading, or not writing, is not charged to it.
/// </summary>
internal sealed partial class ControlFrames(
    Client client, Connection connection, Transport transport, TimeSpan pongTimeout, TimeProvider time, ILogger logger)
{
    private const ulong None = 0;

    private long _pingedAt = time.GetTimestamp();
    private long _lifeAt;
    private long _excusedAt;
    private ulong _outstanding;
    private long _roundTripTicks = -1;
    private long _newRoundTripTicks = -1;

    /// <summary>Zero for no pings.</summary>
    public TimeSpan PingInterval { get; set; }

    /// <summary>From the latest ping that was answered to its pong; null before the first.</summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTripTicks) is var ticks and >= 0 ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>The round-trip time of a pong that has come since the last time; null when none has.</summary>
    public TimeSpan? TakeRoundTrip() =>
        Volatile.Read(ref _newRoundTripTicks) >= 0 && Interlocked.Exchange(ref _newRoundTripTicks, -1) is var ticks and >= 0 ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Sends a ping when one is due. For the heartbeat.</summary>
    /// <returns>Whether the peer has been silent for too long after one.</returns>
    public bool IsPeerSilent(in Beat beat, bool excused)
    {
        if (excused)
            _excusedAt = beat.Now;

        if (Volatile.Read(ref _outstanding) != None)
            return time.GetElapsedTime(Math.Max(_pingedAt, Math.Max(Volatile.Read(ref _lifeAt), _excusedAt)), beat.Now) >= pongTimeout;

        if (PingInterval > TimeSpan.Zero && (transport.WantsPing || time.GetElapsedTime(_pingedAt, beat.Now) >= PingInterval))
        {
            Volatile.Write(ref _pingedAt, beat.Now);
            Volatile.Write(ref _outstanding, beat.PingId);
            connection.Outbound.WriteControl(beat.Ping);
        }

        return false;
    }

    /// <summary>When <see cref="IsPeerSilent"/> has something to do next; the moment itself while it has at each beat.</summary>
    public long NextPing(long now)
    {
        if (Volatile.Read(ref _outstanding) != None || transport.WantsPing)
            return now;

        return PingInterval > TimeSpan.Zero ? time.After(_pingedAt, PingInterval) : long.MaxValue;
    }

    /// <summary>From a moment to the last sign of life.</summary>
    public TimeSpan LastReceivedAfter(long timestamp) => Volatile.Read(ref _lifeAt) is var at && at > timestamp ? time.GetElapsedTime(timestamp, at) : TimeSpan.Zero;

    public void BytesReceived() => Volatile.Write(ref _lifeAt, time.GetTimestamp());

    /// <summary>A control frame of the peer went by. The runtime answers pings and handles closes.</summary>
    /// <param name="opcode">Its type.</param>
    /// <param name="payload">The first eight bytes of its payload.</param>
    public void Received(Opcode opcode, ulong payload)
    {
        if (opcode is Opcode.Ping)
        {
            foreach (var subscriber in Delegate.EnumerateInvocationList(client.EventsInUse?.OnPing))
                Raise(() => subscriber(default));
        }
        else if (opcode is Opcode.Pong && payload != None && Volatile.Read(ref _outstanding) == payload)
        {
            Answered();
        }
    }

    /// <summary>Answers a ping, ahead of queued messages.</summary>
    public void SendPong(ReadOnlySpan<byte> payload) => connection.Outbound.WriteControl(PreparedMessage.Control(Opcode.Pong, payload));

    public void Fail(ReadOnlySpan<byte> closeBody)
    {
        var (status, reason) = CloseStatus.Parse(closeBody);
        connection.Close(EndCause.ProtocolError(status, reason), CloseMode.Drain);
    }

    /// <summary>Only the outstanding ping's pong counts; others are allowed and mean nothing (RFC 6455, section 5.5.3).</summary>
    private void Answered()
    {
        var roundTrip = time.GetElapsedTime(Volatile.Read(ref _pingedAt));
        Volatile.Write(ref _roundTripTicks, roundTrip.Ticks);
        Volatile.Write(ref _newRoundTripTicks, roundTrip.Ticks);
        transport.PongReceived();
        // Last: from here on the heartbeat may send the next ping, which this pong must not vouch for.
        Volatile.Write(ref _outstanding, None);
        connection.Stir();
        var pong = new PongReceivedEvent { RoundTripTime = roundTrip };
        foreach (var subscriber in Delegate.EnumerateInvocationList(client.EventsInUse?.OnPong))
            Raise(() => subscriber(pong));
    }

    /// <summary>The user's code, on the path of every byte that is read: what it throws must not look like a fault of the stream.</summary>
    private void Raise(Action raise)
    {
        try
        {
            raise();
        }
        catch (Exception exception)
        {
            Log.EventFailed(logger, client.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(14, LogLevel.Error, "Connection {ConnectionId}: a PingReceived or PongReceived callback failed.", EventName = "ControlEventFailed")]
        public static partial void EventFailed(ILogger logger, string connectionId, Exception exception);
    }
}
