using Microsoft.AspNetCore.Http;

namespace WsPumps.Hosting;

/// <summary>Told of each connection of the application's endpoints. Returns at once, and never throws.</summary>
internal interface IConnectionObserver
{
    /// <summary>A connection is open, and not registered yet.</summary>
    /// <param name="client">Its client.</param>
    /// <param name="created">The default client: the same, or the one inside; null where the application has made one of its own.</param>
    /// <param name="http">Its request.</param>
    /// <param name="broadcaster">Who will know it.</param>
    /// <returns>To be given back when it has ended.</returns>
    object Opened(IClient client, Client? created, HttpContext http, Broadcaster broadcaster);

    /// <summary>A connection has ended, and was unregistered.</summary>
    /// <param name="opened">What <see cref="Opened"/> has returned.</param>
    void Ended(object opened);
}
