using WsPumps.Inbound;

namespace WsPumps.Lifetime;

/// <summary>The times after which a rule closes a connection that is well otherwise. Asked by the heartbeat.</summary>
internal sealed class Deadlines
{
    private readonly TimeProvider _time;
    private readonly long _createdAt;
    private readonly TimeSpan _messageTimeout;
    private readonly TimeSpan _firstMessageTimeout;
    private readonly TimeSpan _lifetime;
    private readonly Authentication _authentication;

    public Deadlines(ClientOptions options, Authentication authentication, TimeProvider time)
    {
        _time = time;
        _createdAt = time.GetTimestamp();
        _authentication = authentication;
        _messageTimeout = options.MessageTimeout == TimeSpan.Zero ? TimeSpan.MaxValue : options.MessageTimeout;
        _firstMessageTimeout = options.FirstMessageTimeout ?? TimeSpan.MaxValue;
        _lifetime = options.MaxLifetime * (1 - (options.LifetimeJitter * Random.Shared.NextDouble())) ?? TimeSpan.MaxValue;
    }

    /// <param name="tick">The tick.</param>
    /// <param name="reading">What has been read.</param>
    /// <param name="readingSince">When reading began; 0 before. The time of a register callback is not the peer's.</param>
    /// <returns>The rule whose time has come; null while there is none.</returns>
    public DisconnectReason? Passed(in HeartbeatTick tick, ReadPump reading, long readingSince)
    {
        if (_authentication.HasExpired(tick.UtcNow))
            return DisconnectReason.AuthenticationExpired;
        if (tick.HasPassed(_messageTimeout, since: reading.MessageBeganAt))
            return DisconnectReason.MessageTimeout;

        if (reading.MessagesReceived == 0 && tick.HasPassed(_firstMessageTimeout, since: readingSince))
            return DisconnectReason.FirstMessageTimeout;
        return _time.GetElapsedTime(_createdAt, tick.Now) >= _lifetime ? DisconnectReason.LifetimeOver : null;
    }

    /// <summary>The earliest moment at which <see cref="Passed"/> may find one, as long as no message is on its way.</summary>
    /// <param name="tick">The tick.</param>
    /// <param name="latest">Nothing later is of interest.</param>
    /// <param name="reading">What has been read.</param>
    /// <param name="readingSince">When reading began; 0 before.</param>
    public long Next(in HeartbeatTick tick, long latest, ReadPump reading, long readingSince)
    {
        // The time of day may be set meanwhile: what is near is looked at each second.
        if (_authentication.NextAt - tick.UtcNow <= _time.GetElapsedTime(tick.Now, latest) * 2)
            return tick.Now;

        var next = Math.Min(latest, _time.After(_createdAt, _lifetime));
        return reading.MessagesReceived == 0 && readingSince != 0 ? Math.Min(next, _time.After(readingSince, _firstMessageTimeout)) : next;
    }
}
