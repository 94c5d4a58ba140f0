namespace WsPumps;

/// <summary>What a group keeps for clients that come back.</summary>
public sealed class HistoryOptions
{
    /// <summary>How many messages are kept.</summary>
    /// <value>1 to 100,000. Default: 100.</value>
    public int Count { get; init; } = 100;

    /// <summary>How long a message is kept.</summary>
    /// <value>1 second to 30 days. Default: 10 minutes.</value>
    public TimeSpan Age { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Makes what is sent from the position of a message and the message itself, so that a client knows the position of what it has. Called
    /// once for each message and server, not for each client. It must not block.
    /// </summary>
    /// <value>Default: null, the message is sent as it was written.</value>
    public Func<string, PreparedMessage, PreparedMessage>? Stamp { get; init; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Check()
    {
        if (Count is < 1 or > 100_000)
            throw new ArgumentException($"{nameof(Count)} must be from 1 to 100,000, not {Count}.");
        if (Age < TimeSpan.FromSeconds(1) || Age > TimeSpan.FromDays(30))
            throw new ArgumentException($"{nameof(Age)} must be from 1 second to 30 days, not {Age}.");
    }
}
