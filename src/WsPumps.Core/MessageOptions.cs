namespace WsPumps;

/// <summary>How one message is treated while it waits in a queue. Immutable; one instance can serve any number of messages.</summary>
public sealed class MessageOptions
{
    /// <summary>What happens when a queue is full.</summary>
    /// <value>Default (null): the policy of the client.</value>
    public SlowClientPolicy? SlowClientPolicy { get; init; }

    /// <summary>
    /// Names the value that the message updates, for <see cref="SlowClientPolicy.Conflate"/>. Compared character by character.
    /// </summary>
    /// <value>Default: null, the message replaces none and is replaced by none.</value>
    public string? ConflationKey
    {
        get;
        init
        {
            field = value;
            KeyHash = value?.GetHashCode(StringComparison.Ordinal) ?? 0;
        }
    }

    /// <summary>The hash of <see cref="ConflationKey"/>: computed once, and not while a lock is held.</summary>
    internal int KeyHash { get; private init; }

    /// <summary>
    /// Whether the message may be compressed where the connection is. Set it to false for a message that contains both a secret and text
    /// that an attacker chooses: the secret could be guessed from the compressed length.
    /// </summary>
    /// <value>Default: true.</value>
    public bool Compress { get; init; } = true;

    /// <summary>How long the message may wait in a queue. An older one is dropped when its turn comes.</summary>
    /// <value>Positive, at most 1 day. Default: null, no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive, or more than a day.</exception>
    public TimeSpan? TimeToLive
    {
        get;
        init
        {
            if (value is { } time)
            {
                ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
                ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromDays(1));
            }

            field = value;
        }
    }
}
