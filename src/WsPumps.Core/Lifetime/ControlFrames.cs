using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;
using WsPumps.Framing;
using WsPumps.Inbound;
using WsPumps.Outbound;
using WsPumps.Transports;

namespace WsPumps.Lifetime;

/// <summary>
/// Pings, pongs and what they say about the peer. Any byte from the peer counts as life; time in which our own side was
/// not reading, or not writing, is not charged to it.
/// </summary>
internal sealed class ControlFrames(
    IEventSource client, Connection connection, Transport transport, TimeSpan pongTimeout, TimeProvider time, ILogger logger)
    : IPingObserver, IInboundEvents
{
    private const ulong None = 0;

    private readonly byte[] _pingId = new byte[sizeof(ulong)];
    private long _pingedAt = time.GetTimestamp();
    private long _pingLeftAt;
    private long _answeredPingAt;
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
        Volatile.Read(ref _newRoundTripTicks) >= 0 && Interlocked.Exchange(ref _newRoundTripTicks, -1) is var ticks and >= 0
            ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>How long the latest ping has been without an answer; null while none is under way.</summary>
    public TimeSpan? UnansweredFor => Volatile.Read(ref _outstanding) == None ? null : time.GetElapsedTime(Volatile.Read(ref _pingedAt));

    /// <summary>Sends a ping when one is due. For the heartbeat.</summary>
    /// <returns>Whether the peer has been silent for too long after one.</returns>
    public bool IsPeerSilent(in HeartbeatTick tick, bool excused)
    {
        if (excused)
            _excusedAt = tick.Now;

        if (Volatile.Read(ref _outstanding) != None)
            return tick.HasPassed(pongTimeout, Math.Max(_pingedAt, Math.Max(Volatile.Read(ref _lifeAt), _excusedAt)));

        if (PingInterval > TimeSpan.Zero && time.GetElapsedTime(_pingedAt, tick.Now) >= PingInterval)
            Ping(tick.Now);
        return false;
    }

    /// <summary>
    /// When the latest ping that was answered had left; 0 before the first. What left before it has arrived, unless something between
    /// answers in the peer's place.
    /// </summary>
    public long AnsweredPingAt => Volatile.Read(ref _answeredPingAt);

    /// <summary>Another connection: no ping is under way on it.</summary>
    public void Reset()
    {
        Volatile.Write(ref _outstanding, None);
        Volatile.Write(ref _pingedAt, time.GetTimestamp());
        BytesReceived();
    }

    /// <summary>Whether the peer has shown life since a tick that found it silent.</summary>
    public bool HasShownLifeSince(long timestamp) => Volatile.Read(ref _outstanding) == None || Volatile.Read(ref _lifeAt) >= timestamp;

    /// <summary>The ping is handed to the transport next: from here on its time runs.</summary>
    public void PingLeaves() => Volatile.Write(ref _pingLeftAt, time.GetTimestamp());

    /// <summary>When <see cref="IsPeerSilent"/> has something to do next; the moment itself while it has at each beat.</summary>
    public long NextPing(long now)
    {
        if (Volatile.Read(ref _outstanding) != None)
            return now;

        return PingInterval > TimeSpan.Zero ? time.After(_pingedAt, PingInterval) : long.MaxValue;
    }

    /// <summary>From a moment to the last sign of life.</summary>
    public TimeSpan LastReceivedAfter(long timestamp) => Volatile.Read(ref _lifeAt) is var at && at > timestamp
        ? time.GetElapsedTime(timestamp, at) : TimeSpan.Zero;

    /// <inheritdoc/>
    public void HandlingBegins() => connection.WritePump.BeginCork();

    /// <inheritdoc/>
    public void HandlingEnds() => connection.WritePump.EndCork();

    public void BytesReceived() => Volatile.Write(ref _lifeAt, time.GetTimestamp());

    /// <summary>Answers a ping, ahead of queued messages.</summary>
    void IInboundEvents.PingReceived(ReadOnlySpan<byte> payload)
    {
        connection.Outbound.WriteControl(PreparedMessage.Control(Opcode.Pong, payload));
        SafeEvents.Raise(client.EventsInUse?.OnPing, default, nameof(ClientEvents.PingReceived), client.Id, logger, time);
    }

    /// <summary>Only the outstanding ping's pong counts; others are allowed and mean nothing (RFC 6455, section 5.5.3).</summary>
    bool IInboundEvents.PongReceived(ReadOnlySpan<byte> payload)
    {
        var outstanding = Volatile.Read(ref _outstanding);
        if (outstanding == None || payload.Length != sizeof(ulong) || BinaryPrimitives.ReadUInt64BigEndian(payload) != outstanding)
            return false;

        Answered();
        return true;
    }

    private void Ping(long now)
    {
        // Not to be guessed, nor known from another connection: a pong that comes before its ping could be taken for the proof that direct
        // writes need.
        do
            RandomNumberGenerator.Fill(_pingId);
        while (BinaryPrimitives.ReadUInt64BigEndian(_pingId) == None);

        Volatile.Write(ref _pingedAt, now);
        Volatile.Write(ref _outstanding, BinaryPrimitives.ReadUInt64BigEndian(_pingId));
        connection.Outbound.WriteControl(PreparedMessage.Control(Opcode.Ping, _pingId));
    }

    private void Answered()
    {
        var roundTrip = time.GetElapsedTime(Math.Max(Volatile.Read(ref _pingedAt), Volatile.Read(ref _pingLeftAt)));
        Volatile.Write(ref _roundTripTicks, roundTrip.Ticks);
        Volatile.Write(ref _newRoundTripTicks, roundTrip.Ticks);
        Volatile.Write(ref _answeredPingAt, Volatile.Read(ref _pingLeftAt));
        transport.PongReceived();
        // Last: from here on the heartbeat may send the next ping, which this pong must not vouch for.
        Volatile.Write(ref _outstanding, None);
        connection.Watch.NoteChange();
        SafeEvents.Raise(client.EventsInUse?.OnPong, new PongReceivedEvent { RoundTripTime = roundTrip }, nameof(ClientEvents.PongReceived),
            client.Id, logger, time);
    }
}
