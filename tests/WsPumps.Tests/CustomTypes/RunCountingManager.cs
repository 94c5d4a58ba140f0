namespace WsPumps.Tests.CustomTypes;

/// <summary>A manager of one's own around a default one: counts how often it is run, and sees the host stop.</summary>
internal sealed class RunCountingManager : IManager
{
    private readonly Manager _inner = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public Task Started => _started.Task;

    public Task Stopped => _stopped.Task;

    public IReadOnlyCollection<IClient> Clients => _inner.Clients;

    public void Register(IClient client) => _inner.Register(client);

    public void Unregister(IClient client) => _inner.Unregister(client);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        _started.TrySetResult();
        await _inner.RunAsync(cancellationToken);
        _stopped.TrySetResult();
    }
}
