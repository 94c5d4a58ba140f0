namespace WsPumps.Clustering;

/// <summary>A question for a session that is under way, and the session that comes of it.</summary>
internal sealed class SessionQuestion(ulong id, SessionSeal seal, HashSet<ulong> asked)
{
    private readonly Lock _lock = new();

    public ulong Id => id;

    public SessionSeal Seal => seal;

    /// <summary>Completes with the first offer, and by whom it is; with null when nobody has the session.</summary>
    public TaskCompletionSource<(ulong Node, SessionOffer Offer)?> Offered { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the session; with null when it does not move.</summary>
    public TaskCompletionSource<byte[]?> Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One of those that were asked does not have it.</summary>
    public void Denied(ulong node)
    {
        bool isLast;
        lock (_lock)
            isLast = asked.Remove(node) && asked.Count == 0;
        if (isLast)
            Offered.TrySetResult(null);
    }
}
