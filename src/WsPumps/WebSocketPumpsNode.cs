using WsPumps.Hosting;

namespace WsPumps;

/// <summary>
/// This server as one of several: asks its clients to leave, and accepts clients again, while the application keeps running. A singleton in
/// the services of the application.
/// </summary>
/// <remarks>All members may be called from any thread, and from any callback.</remarks>
public sealed class WebSocketPumpsNode
{
    private readonly PumpsServer _server;

    internal WebSocketPumpsNode(PumpsServer server) => _server = server;

    /// <summary>
    /// Whether new connections are refused with 503: the host is stopping, or <see cref="DrainAsync"/> was called and <see cref="Resume"/>
    /// was not.
    /// </summary>
    public bool IsDraining => _server.IsDraining;

    /// <summary>
    /// Refuses new connections with 503 and asks the clients of all endpoints to leave, in batches. Completes when all are gone or the rest
    /// has been aborted at the deadline. Connections that are in their register callback are asked as well, but not counted.
    /// </summary>
    /// <param name="options">
    /// How to drain this time. Null: as in <see cref="WebSocketPumpsOptions.Drain"/>, or in the settings of a broadcaster of your own.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends the waiting: no further batch is asked and nobody is aborted. New connections are refused until <see cref="Resume"/>.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its range, or contradicts another.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public async Task<DrainResult> DrainAsync(DrainOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (options is not null && string.Join(' ', options.Validate()) is { Length: > 0 } failures)
            throw new ArgumentException(failures, nameof(options));

        var pending = _server.Pending.RefuseAsync((options ?? _server.Options.Drain).Clone());
        var result = await _server.Broadcasters.DrainAsync(options, cancellationToken);
        await pending.WaitAsync(cancellationToken);
        return result;
    }

    /// <summary>Accepts connections again. Without effect once the host is stopping.</summary>
    public void Resume()
    {
        _server.Broadcasters.Resume();
        _server.Pending.Admit();
    }
}
