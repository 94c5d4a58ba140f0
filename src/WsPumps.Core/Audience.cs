using System.Net.WebSockets;
using WsPumps.Broadcasting;
using WsPumps.Framing;

namespace WsPumps;

/// <summary>
/// Some of the clients of a <see cref="Broadcaster"/>: those that a message is written to, or that are closed. It describes them and
/// holds none, so it may be kept: each use looks up who belongs to it at that moment.
/// </summary>
/// <remarks>
/// Immutable, and safe to use from any thread and any callback. No lock is held while a client is called. Two writes by one caller reach
/// every client in that order, also when the audiences differ. A client that comes while a write goes on may or may not get it; none gets
/// it twice. What only works with the clients of this process, such as a predicate, is on <see cref="Local"/>.
/// </remarks>
public sealed class Audience : IEquatable<Audience>
{
    private readonly IBroadcastRoute _route;
    private readonly LocalRoute _local;

    internal Audience(AudienceSelector selector, IBroadcastRoute route, LocalRoute local) =>
        (Selector, _route, _local) = (selector, route, local);

    /// <summary>Who belongs to it, as data.</summary>
    public AudienceSelector Selector { get; }

    /// <summary>Those of the audience that are connected to this process: to count, enumerate and filter.</summary>
    public LocalAudience Local => new(_local, Selector, filter: null);

    /// <summary>The same audience without these clients. Ids are compared, so a client stands for the one that wraps it as well.</summary>
    /// <exception cref="ArgumentException">A client is null.</exception>
    public Audience Except(params ReadOnlySpan<IClient> clients) => new(Selector.Except(LocalAudience.IdsOf(clients)), _route, _local);

    /// <summary>The same audience without the clients of these ids.</summary>
    /// <exception cref="ArgumentException">An id is null or empty.</exception>
    public Audience Except(params ReadOnlySpan<string> ids) => new(Selector.Except(ids), _route, _local);

    /// <summary>
    /// Queues the message for each client. Never waits and never throws for a client: a slow one is treated by the policy of its
    /// own queue.
    /// </summary>
    /// <returns>How many clients took it, and how many did not.</returns>
    public BroadcastResult Write(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _route.Write(Selector, message);
    }

    /// <summary>Encodes the message once and queues it for each client. The payload is copied before the call returns.</summary>
    /// <inheritdoc cref="Write(PreparedMessage)"/>
    public BroadcastResult Write(Message message) => Write(PreparedMessage.From(message));

    /// <summary>
    /// Queues the message for each client, and waits for room where a queue is full: no client loses it because it is slow.
    /// </summary>
    /// <remarks>
    /// One slow client makes it wait as long as <see cref="ClientOptions.WriteTimeout"/> allows; the others have the message meanwhile.
    /// </remarks>
    /// <returns>How many clients took it, and how many did not.</returns>
    /// <exception cref="OperationCanceledException">The token fired first. Clients that had room have the message.</exception>
    public ValueTask<BroadcastResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _route.WriteAsync(Selector, message, cancellationToken);
    }

    /// <summary>
    /// Encodes the message once and queues it for each client, waiting for room. The payload is copied before the call returns.
    /// </summary>
    /// <inheritdoc cref="WriteAsync(PreparedMessage, CancellationToken)"/>
    public ValueTask<BroadcastResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(PreparedMessage.From(message), cancellationToken);

    /// <summary>
    /// Queues the message for each client, as <see cref="Write(PreparedMessage)"/> does, and completes when every copy of this process was
    /// handed to its transport or discarded, or when the time is over. It does not mean that a peer received it.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="timeout">How long to wait. Zero to 24 days, or infinite.</param>
    /// <param name="cancellationToken">Ends the waiting. What is queued stays queued.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of its range. Nothing was queued.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<DeliveryResult> DeliverAsync(PreparedMessage message, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeliveryTracker.DeliverAsync(Write, message, timeout, _local.Time, cancellationToken);
    }

    /// <summary>Encodes the message once and delivers it. The payload is copied before the call returns.</summary>
    /// <inheritdoc cref="DeliverAsync(PreparedMessage, TimeSpan, CancellationToken)"/>
    public Task<DeliveryResult> DeliverAsync(Message message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        DeliverAsync(PreparedMessage.From(message), timeout, cancellationToken);

    /// <summary>Begins to close each connection, see <see cref="IClient.CloseAsync"/>. Waits for none of them.</summary>
    /// <returns>How many connections of this process had not ended yet, and are closing now.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="status"/> may not be sent in a close frame. Nobody was closed.
    /// </exception>
    public int Close(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? reason = null,
        CloseMode mode = CloseMode.Drain)
    {
        CloseStatus.Validate(status);
        return _route.Close(Selector, status, reason, mode);
    }

    /// <summary>Ends each connection at once, without a close frame, see <see cref="IClient.Abort"/>.</summary>
    /// <returns>How many connections of this process had not ended yet.</returns>
    public int Abort() => _route.Abort(Selector);

    internal bool HasRoute(IBroadcastRoute route) => ReferenceEquals(_route, route);

    /// <summary>Whether it is an audience of the same broadcaster with an equal selector.</summary>
    public bool Equals(Audience? other) => other is not null && ReferenceEquals(_route, other._route) && Selector.Equals(other.Selector);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Audience);

    /// <inheritdoc/>
    public override int GetHashCode() => Selector.GetHashCode();

    /// <inheritdoc cref="AudienceSelector.ToString"/>
    public override string ToString() => Selector.ToString();
}
