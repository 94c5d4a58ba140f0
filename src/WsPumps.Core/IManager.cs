namespace WsPumps;

/// <summary>Knows which clients are connected. <see cref="Manager"/> is the default; register your own in DI to replace it.</summary>
/// <remarks>All members may be called from any thread and from any callback of a client.</remarks>
public interface IManager
{
    /// <summary>The clients that are registered now: a live view, enumerated without a copy and without a lock.</summary>
    IReadOnlyCollection<IClient> Clients { get; }

    /// <summary>Adds a client. Adding it again changes nothing. While the manager drains, a new client is closed with 1001.</summary>
    /// <exception cref="ArgumentException">Another client is registered under the same id.</exception>
    void Register(IClient client);

    /// <summary>Removes a client; harmless when it is not registered.</summary>
    void Unregister(IClient client);

    /// <summary>
    /// Waits for the token, then drains: closes every client with 1001 and completes when all are gone, or aborts the rest
    /// at its deadline. Clients can be registered and reached before, without and during this call.
    /// </summary>
    Task RunAsync(CancellationToken cancellationToken);
}
