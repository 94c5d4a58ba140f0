using Microsoft.Extensions.Logging;

namespace WsPumps.Registry;

/// <summary>
/// Whether the clients of a manager are asked to leave: the latest <see cref="DrainRun"/> asks those that come, until it is ended.
/// </summary>
internal sealed class Drain(IReadOnlyCollection<IClient> clients, ClientCalls calls, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private volatile DrainRun? _run;
    private bool _isFinal;

    /// <summary>Whether a client that comes now is asked to leave at once.</summary>
    public bool IsOn => _run is not null;

    /// <summary>
    /// Lets clients stay again, unless the drain is a final one. A run that is under way asks nobody else, and ends with those it has
    /// asked.
    /// </summary>
    public void End()
    {
        DrainRun? ended;
        lock (_lock)
        {
            ended = _isFinal ? null : _run;
            _run = _isFinal ? _run : null;
        }

        ended?.Resume();
    }

    /// <summary>
    /// To be told of each client after it was added. Either this sees that the drain has begun, or the drain sees the client:
    /// the one adds and then looks, the other begins and then looks, each with a barrier between.
    /// </summary>
    public void OnAdded(IClient client)
    {
        Interlocked.MemoryBarrier();
        _run?.Ask(client);
    }

    /// <summary>Completes when all clients are gone, or the rest was aborted.</summary>
    /// <param name="options">How.</param>
    /// <param name="isFinal">Whether there is no way back.</param>
    /// <param name="cancellationToken">Ends the waiting and the asking.</param>
    public Task<DrainResult> RunAsync(DrainOptions options, bool isFinal, CancellationToken cancellationToken)
    {
        var run = new DrainRun(clients, calls, options, time, logger);
        lock (_lock)
            (_run, _isFinal) = (run, _isFinal || isFinal);
        Interlocked.MemoryBarrier();
        return run.RunAsync(cancellationToken);
    }
}
