namespace WsPumps.Hosting;

/// <summary>
/// The broadcasters of all endpoints. Every client is in one of them, whatever other manager knows it, so to drain them drains all.
/// </summary>
internal sealed class BroadcastersInUse
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Manager, (Broadcaster Broadcaster, int Uses)> _uses = [];
    private bool _isStopping;

    /// <summary>The broadcasters, in no order; one for each manager. A copy.</summary>
    public IReadOnlyCollection<Broadcaster> All
    {
        get
        {
            lock (_lock)
                return [.. _uses.Values.Select(static use => use.Broadcaster)];
        }
    }

    /// <summary>To be told of each use.</summary>
    public void Add(Broadcaster broadcaster)
    {
        bool isLate;
        lock (_lock)
        {
            var uses = _uses.GetValueOrDefault(broadcaster.Manager).Uses;
            _uses[broadcaster.Manager] = (broadcaster, uses + 1);
            isLate = _isStopping;
        }

        if (isLate)
            _ = StopAsync(broadcaster.Manager);
    }

    /// <summary>A use has ended. A broadcaster is forgotten with its last one.</summary>
    public void Remove(Broadcaster broadcaster)
    {
        lock (_lock)
        {
            var (first, uses) = _uses[broadcaster.Manager];
            if (uses > 1)
                _uses[broadcaster.Manager] = (first, uses - 1);
            else
                _uses.Remove(broadcaster.Manager);
        }
    }

    /// <summary>Drains all for good. Completes when everybody is gone. Never faults.</summary>
    public Task StopAsync()
    {
        lock (_lock)
            _isStopping = true;
        return Task.WhenAll(All.Select(static broadcaster => StopAsync(broadcaster.Manager)));
    }

    /// <summary>Drains all, and lets them run on.</summary>
    /// <param name="options">How; null for each manager's own way.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<DrainResult> DrainAsync(DrainOptions? options, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(All.Select(broadcaster => broadcaster.Manager.DrainAsync(options, cancellationToken)));
        return new DrainResult
        {
            Clients = results.Sum(result => result.Clients),
            Left = results.Sum(result => result.Left),
            Unanswered = results.Sum(result => result.Unanswered),
            Aborted = results.Sum(result => result.Aborted),
            Duration = results.Max(result => result.Duration),
        };
    }

    public void Resume()
    {
        foreach (var broadcaster in All)
            broadcaster.Manager.Resume();
    }

    /// <summary>The run of a manager is nothing but its last drain, which begins when its token fires.</summary>
    private static Task StopAsync(Manager manager) => manager.RunAsync(new CancellationToken(canceled: true));
}
