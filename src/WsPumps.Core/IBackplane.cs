namespace WsPumps;

/// <summary>
/// Carries bytes between the servers of one application: what a cluster engine has to do, and no more. Who is addressed, what was lost,
/// what waits while the engine is away: all of that lies above it, in <see cref="Cluster"/>.
/// </summary>
/// <remarks>
/// An engine delivers at most once, and what one server publishes on one channel in that order. It reconnects by itself, without end. Its
/// members may be called from any thread; <see cref="TryPublish"/> is called by one at a time.
/// </remarks>
public interface IBackplane : IAsyncDisposable
{
    /// <summary>Names the engine in logs, in the health check and in metrics, such as <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>Whether the engine can be reached, and since when.</summary>
    BackplaneStatus Status { get; }

    /// <summary>Begins to connect, and goes on until the engine is disposed of. Called once, before any other member.</summary>
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

    /// <summary>Says whether this server wants what is published on a channel. Never waits; kept while the engine is away.</summary>
    /// <remarks>Off and on again, one after the other, renews the subscription with the engine.</remarks>
    void SetInterest(string channel, bool interested);
}
