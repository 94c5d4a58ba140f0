using System.Net.WebSockets;

namespace WsPumps;

/// <summary>
/// The way from an <see cref="Audience"/> to its clients. The route of a <see cref="Broadcaster"/> reaches those of its manager; one of
/// your own can be put in front of it: to publish to other servers, to keep a history, to measure.
/// </summary>
/// <remarks>Called from any thread and any callback. It never throws because of a client.</remarks>
public interface IBroadcastRoute
{
    /// <summary>
    /// Queues the message for each client. Never waits: the policy of its own queue decides what happens to a slow client.
    /// </summary>
    BroadcastResult Write(AudienceSelector audience, PreparedMessage message);

    /// <summary>Queues the message for each client, waiting for room where a queue is full.</summary>
    /// <exception cref="OperationCanceledException">The token fired first. Clients that had room have the message.</exception>
    ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message, CancellationToken cancellationToken);

    /// <summary>Begins to close each connection. Waits for none of them.</summary>
    /// <returns>How many connections of this process had not ended yet, and are closing now.</returns>
    int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode);

    /// <summary>Ends each connection at once, without a close frame.</summary>
    /// <returns>How many connections of this process had not ended yet.</returns>
    int Abort(AudienceSelector audience);
}
