namespace WsPumps.Dashboard;

/// <summary>What the dashboard keeps of an open connection: how it began, its last events and round trips.</summary>
internal sealed class KnownConnection(IClient client, Client? created, string id, Handshake handshake)
{
    private const int MaxEvents = 16;
    private const int MaxRoundTrips = 24;

    private long _dropped;

    public IClient Client { get; } = client;

    /// <summary>How long it has owed the answer to a ping; null where it owes none, or sends and gets its pings by itself.</summary>
    public TimeSpan? UnansweredFor => created?.UnansweredFor;

    /// <summary>Read once: a client of the application's own may say another one each time.</summary>
    public string Id { get; } = id;

    public Handshake Handshake { get; } = handshake;

    /// <summary>By the claims of the handshake, until the registry has said more.</summary>
    public string? User { get; set; }

    public Ring<ConnectionEvent> Events { get; } = new(MaxEvents);

    public Ring<RoundTrip> RoundTrips { get; } = new(MaxRoundTrips);

    /// <summary>Whether messages were dropped in the last period.</summary>
    public bool IsDropping { get; private set; }

    /// <summary>Notes what is new since the last time. Called by one thread at a time.</summary>
    /// <returns>How many messages were dropped meanwhile.</returns>
    public long Note(in ClientStatistics statistics, long now)
    {
        // A round trip that took exactly as long as the one before is taken for the same: their clock is finer than that.
        if (statistics.RoundTripTime?.TotalMilliseconds is { } milliseconds && RoundTrips.Newest.Milliseconds != milliseconds)
            RoundTrips.Add(new RoundTrip(now, milliseconds));
        var dropped = statistics.MessagesDropped - _dropped;
        _dropped = statistics.MessagesDropped;
        IsDropping = dropped > 0;
        return dropped;
    }
}
