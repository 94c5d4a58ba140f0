using System.Net.WebSockets;
using WsPumps.Framing;
using WsPumps.Outbound;

namespace WsPumps.Lifetime;

/// <summary>
/// Pings, pongs and what they say about the peer. Any byte from the peer counts as life; time in which our own side was
/// not reading, or not writing, is not charged to it.
/// </summary>
internal sealed class ControlFrames(OutboundChannel channel, TimeSpan pongTimeout, TimeProvider time, Action<WebSocketCloseStatus, string> onProtocolError)
{
    private const ulong None = 0;

    /// <summary>Touched by the heartbeat alone.</summary>
    private long _pingedAt = time.GetTimestamp();

    private long _lifeAt;
    private volatile bool _sawBytes;
    private ulong _outstanding;
    private long _roundTripTicks = -1;

    /// <summary>Zero for no pings.</summary>
    public TimeSpan PingInterval { get; set; }

    /// <summary>From the latest ping that was answered to its pong; null before the first.</summary>
    public TimeSpan? RoundTripTime => Volatile.Read(ref _roundTripTicks) is var ticks and >= 0 ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Sends a ping when one is due.</summary>
    /// <returns>Whether the peer has been silent for too long after one.</returns>
    public bool IsPeerSilent(in Beat beat, bool excused)
    {
        if (_sawBytes || excused)
        {
            _sawBytes = false;
            _lifeAt = beat.Now;
        }

        if (Volatile.Read(ref _outstanding) != None)
            return time.GetElapsedTime(Math.Max(_pingedAt, _lifeAt), beat.Now) >= pongTimeout;

        if (PingInterval > TimeSpan.Zero && time.GetElapsedTime(_pingedAt, beat.Now) >= PingInterval)
        {
            _pingedAt = beat.Now;
            Volatile.Write(ref _outstanding, beat.PingId);
            channel.WritePing(beat.Ping);
        }

        return false;
    }

    public void BytesReceived() => _sawBytes = true;

    /// <summary>Only the outstanding ping's pong counts; others are allowed and mean nothing (RFC 6455, section 5.5.3).</summary>
    public void PongReceived(ulong id)
    {
        if (id == None || Interlocked.CompareExchange(ref _outstanding, None, id) != id)
            return;

        Volatile.Write(ref _roundTripTicks, time.GetElapsedTime(Volatile.Read(ref _pingedAt)).Ticks);
    }

    /// <summary>Answers a ping, ahead of queued messages.</summary>
    public void SendPong(ReadOnlySpan<byte> payload) => channel.WritePong(PreparedMessage.Control(Opcode.Pong, payload));

    public void Fail(ReadOnlySpan<byte> closeBody)
    {
        var (status, reason) = CloseStatus.Parse(closeBody);
        onProtocolError(status, reason);
    }
}
