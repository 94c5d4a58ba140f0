namespace WsPumps;

/// <summary>
/// A cluster engine: carries bytes between the servers of one application, and nothing more. <see cref="Cluster"/> does the rest: it
/// addresses, counts what was lost, and keeps what waits while the engine is away.
/// </summary>
/// <remarks>
/// An engine delivers each message at most once, and those that one server publishes on one channel in order. It reconnects by itself,
/// indefinitely. Its members may be called from any thread; calls of <see cref="TryPublish"/> do not overlap.
/// </remarks>
public interface IBackplane : IAsyncDisposable
{
    /// <summary>Names the engine in logs, in the health check and in metrics, such as <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>Whether the engine can be reached, and since when.</summary>
    BackplaneStatus Status { get; }

    /// <summary>Begins to connect, and keeps trying until the engine is disposed of. Called once, before any other member.</summary>
    /// <param name="receiver">Receives what comes in and the changes of <see cref="Status"/>.</param>
    /// <param name="cancellationToken">Ends the start, not the engine.</param>
    /// <returns>Completes when the engine has begun, whether it can be reached or not.</returns>
    ValueTask StartAsync(IBackplaneReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Publishes to all servers with interest in the channel, this one among them. Never waits.</summary>
    /// <param name="channel">At most 200 characters without spaces.</param>
    /// <param name="data">Must not change after the call: the engine may keep it.</param>
    /// <returns>
    /// False when it was not taken, because the engine is away or has too much under way: it is offered again after the engine has called
    /// <see cref="IBackplaneReceiver.Writable"/> or reports a new status. What was taken may still be lost.
    /// </returns>
    bool TryPublish(string channel, ReadOnlyMemory<byte> data);

    /// <summary>Sets whether this server wants what is published on a channel. Never waits; remembered while the engine is away.</summary>
    /// <remarks>Switching it off and on again renews the subscription with the engine.</remarks>
    void SetInterest(string channel, bool interested);
}
