using System.Collections;
using System.Net.WebSockets;
using WsPumps.Broadcasting;

namespace WsPumps;

/// <summary>
/// The members of an <see cref="Audience"/> that are connected to this process. What is written to it goes to no other server.
/// </summary>
/// <remarks>
/// A live view: each use and each enumeration looks up who belongs to it at that moment, without a copy and without a lock. A client that
/// comes or goes in the meantime may or may not be seen; none is seen twice. Immutable, and safe to use from any thread and any callback.
/// </remarks>
public sealed class LocalAudience : IReadOnlyCollection<IClient>
{
    private readonly LocalRoute _route;
    private readonly AudienceSelector _selector;
    private readonly Func<IClient, bool>? _filter;

    internal LocalAudience(LocalRoute route, AudienceSelector selector, Func<IClient, bool>? filter) =>
        (_route, _selector, _filter) = (route, selector, filter);

    /// <summary>
    /// How many clients belong to it now. Enumerates them, except for all clients, one group or one user without a filter.
    /// </summary>
    public int Count
    {
        get
        {
            if (_filter is null && _route.CountOf(_selector) is { } known)
                return known;

            var count = 0;
            for (var clients = Walk(); clients.MoveNext();)
                count++;
            return count;
        }
    }

    /// <summary>The members for which the predicate is true; the others appear in no count.</summary>
    /// <param name="predicate">
    /// Called at each use for each client, on the thread of the caller. A client for which it throws is left out; the exception is logged
    /// once for each use.
    /// </param>
    public LocalAudience Where(Func<IClient, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new(_route, _selector, _filter is { } filter ? client => filter(client) && predicate(client) : predicate);
    }

    /// <inheritdoc cref="Audience.Except(ReadOnlySpan{IClient})"/>
    public LocalAudience Except(params ReadOnlySpan<IClient> clients) => new(_route, _selector.Except(IdsOf(clients)), _filter);

    /// <inheritdoc cref="Audience.Except(ReadOnlySpan{string})"/>
    public LocalAudience Except(params ReadOnlySpan<string> ids) => new(_route, _selector.Except(ids), _filter);

    /// <inheritdoc cref="Audience.Write(PreparedMessage)"/>
    public BroadcastResult Write(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _route.Write(Walk(), message);
    }

    /// <inheritdoc cref="Audience.Write(Message)"/>
    public BroadcastResult Write(Message message) => Write(PreparedMessage.From(message));

    /// <inheritdoc cref="Audience.WriteAsync(PreparedMessage, CancellationToken)"/>
    public ValueTask<BroadcastResult> WriteAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _route.WriteAsync(Walk(), message, cancellationToken);
    }

    /// <inheritdoc cref="Audience.WriteAsync(Message, CancellationToken)"/>
    public ValueTask<BroadcastResult> WriteAsync(Message message, CancellationToken cancellationToken = default) =>
        WriteAsync(PreparedMessage.From(message), cancellationToken);

    /// <inheritdoc cref="Audience.DeliverAsync(PreparedMessage, TimeSpan, CancellationToken)"/>
    public Task<DeliveryResult> DeliverAsync(PreparedMessage message, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return DeliveryTracker.DeliverAsync(Write, message, timeout, _route.Time, cancellationToken);
    }

    /// <inheritdoc cref="Audience.DeliverAsync(Message, TimeSpan, CancellationToken)"/>
    public Task<DeliveryResult> DeliverAsync(Message message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        DeliverAsync(PreparedMessage.From(message), timeout, cancellationToken);

    /// <inheritdoc cref="Audience.Close"/>
    public int Close(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? reason = null,
        CloseMode mode = CloseMode.Drain) =>
        _route.Close(Walk(), status, reason, mode);

    /// <inheritdoc cref="IClient.CloseAsReplacedAsync"/>
    internal void CloseAsReplaced() => _route.CloseAsReplaced(Walk());

    /// <inheritdoc cref="Audience.Abort"/>
    public int Abort() => _route.Abort(Walk());

    /// <summary>
    /// Each connection as it is when the enumeration reaches it, for an admin view. Each enumeration looks them up again.
    /// </summary>
    public IEnumerable<ClientSnapshot> Snapshot() => this.Select(_route.SnapshotOf);

    /// <inheritdoc/>
    public IEnumerator<IClient> GetEnumerator()
    {
        for (var clients = Walk(); clients.MoveNext();)
            yield return clients.Current;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static string[] IdsOf(ReadOnlySpan<IClient> clients)
    {
        var ids = new string[clients.Length];
        for (var i = 0; i < clients.Length; i++)
        {
            ids[i] = clients[i]?.Id ?? throw new ArgumentException("A client to leave out is null. Pass the clients that shall not be " +
                "reached.", nameof(clients));
        }

        return ids;
    }

    private AudienceWalk Walk() => _route.Walk(_selector, _filter);
}
