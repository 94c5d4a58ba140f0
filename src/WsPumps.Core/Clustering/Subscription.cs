namespace WsPumps.Clustering;

/// <summary>
/// What this node knows of one channel it may listen to. Except for <see cref="Members"/> and <see cref="Heard"/>, only the upkeep changes
/// it.
/// </summary>
internal sealed class Subscription(string name)
{
    private int _members;
    private long _heardAt;
    private long _lastMark;
    private long _markUnderWay;
    private TaskCompletionSource? _news;

    public string Name { get; } = name;

    public SequenceTracker Sequences { get; } = new();

    /// <summary>How many groups or users with a local member are on the channel.</summary>
    public int Members => Volatile.Read(ref _members);

    /// <summary>Whether the engine was told that this node is interested.</summary>
    public bool IsOn { get; set; }

    /// <summary>Whether something has come on it since it was subscribed to, or since the engine has connected.</summary>
    public bool IsProved { get; set; }

    /// <summary>Whether the others are asked for their numbers once it is proved.</summary>
    public bool WantsMarkers { get; set; }

    /// <summary>Since when nobody is interested; null where somebody is.</summary>
    public long? UnusedSince { get; set; }

    /// <summary>When it was switched on, renewed, or last found silent.</summary>
    public long AskedAt { get; set; }

    public long HeardAt => Volatile.Read(ref _heardAt);

    public int AddMember() => Interlocked.Increment(ref _members);

    public int RemoveMember() => Interlocked.Decrement(ref _members);

    /// <summary>Something has come on the channel.</summary>
    public void Heard(long now) => Volatile.Write(ref _heardAt, now);

    /// <summary>A marker of this node has come back.</summary>
    public void CameBack(long mark) => Volatile.Write(ref _lastMark, Math.Max(mark, Volatile.Read(ref _lastMark)));

    /// <summary>Completes when all has come that was published before this call. Those who ask at the same time share a marker.</summary>
    public async Task WhenHasHeardAllAsync(Publisher publisher, int channel, CancellationToken cancellationToken)
    {
        // One that is under way may have been published before this call. The next one is not.
        var underWay = Volatile.Read(ref _markUnderWay);
        await WhenBackAsync(underWay, cancellationToken).ConfigureAwait(false);
        var mark = publisher.NextMark();
        if (Interlocked.CompareExchange(ref _markUnderWay, mark, underWay) == underWay)
            publisher.PublishMarker(channel, mark);
        await WhenBackAsync(Volatile.Read(ref _markUnderWay), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Completes when something has come on the channel after this call, and was counted.</summary>
    public Task NewsAsync() =>
        (_news ?? Interlocked.CompareExchange(ref _news, new(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _news).Task;

    /// <summary>Something has come, and was counted: tells those who wait for news.</summary>
    public void Tell()
    {
        // Either this sees who waits, or who waits sees what was counted: each writes first and then looks, with a barrier between.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _news) is not null)
            Interlocked.Exchange(ref _news, null)?.TrySetResult();
    }

    /// <summary>Completes when a marker of this node has come back, or a later one.</summary>
    private async Task WhenBackAsync(long mark, CancellationToken cancellationToken)
    {
        while (true)
        {
            var news = NewsAsync();
            if (Volatile.Read(ref _lastMark) >= mark)
                return;

            await news.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
