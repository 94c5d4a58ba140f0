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

    /// <param name="beat">The tick.</param>
    /// <param name="reading">What has been read.</param>
    /// <param name="readingSince">When reading began; 0 before. The time of a register callback is not the peer's.</param>
    /// <returns>The rule whose time has come; null while there is none.</returns>
    public DisconnectReason? Passed(in Beat beat, ReadPump reading, long readingSince)
    {
        if (_authentication.HasExpired(beat.UtcNow))
            return DisconnectReason.AuthenticationExpired;
        if (reading.MessageBeganAt is var began and not 0 && _time.GetElapsedTime(began, beat.Now) >= _messageTimeout)
            return DisconnectReason.MessageTimeout;

        if (reading.MessagesReceived == 0 && readingSince != 0 && _time.GetElapsedTime(readingSince, beat.Now) >= _firstMessageTimeout)
            return DisconnectReason.FirstMessageTimeout;
        return _time.GetElapsedTime(_createdAt, beat.Now) >= _lifetime ? DisconnectReason.LifetimeOver : null;
    }
}
