using System.Collections;
using System.Net.WebSockets;
using System.Text.Json.Serialization.Metadata;
using WsPumps.Framing;
using WsPumps.Outbound;
using WsPumps.Registry;

namespace WsPumps;

/// <summary>
/// Some of the clients of a <see cref="Broadcaster"/>: whom a message is written to, or who is closed. It describes them and
/// holds none, so it may be kept: each use looks who belongs to it at that moment. Enumerating it gives the clients.
/// </summary>
/// <remarks>
/// Immutable, and safe to use from any thread and any callback. No lock is held while a client is called. Two writes by one caller reach every
/// client in that order, also when the audiences differ. A client that comes while a write goes on may or may not get it; none gets it twice.
/// </remarks>
public sealed class Audience : IReadOnlyCollection<IClient>
{
    private readonly AudienceSource _source;
    private readonly Func<IClient, bool>? _filter;
    private readonly ClientCalls _calls;
    private readonly TimeProvider _time;
    private readonly PumpsMetrics? _metrics;

    internal Audience(AudienceSource source, ClientCalls calls, TimeProvider time, PumpsMetrics? metrics, Func<IClient, bool>? filter = null) =>
        (_source, _calls, _time, _metrics, _filter) = (source, calls, time, metrics, filter);

    /// <summary>How many clients belong to it now. Filters are asked about each client, so it then takes a pass over all.</summary>
    public int Count
    {
        get
        {
            if (_filter is null && _source.Count is { } known)
                return known;

            var count = 0;
            for (var clients = Each(); clients.MoveNext();)
                count++;
            return count;
        }
    }

    /// <summary>The same audience without these clients. Ids are compared, so a client stands for the one that wraps it as well.</summary>
    public Audience Except(params ReadOnlySpan<IClient> clients)
    {
        if (clients.Length == 1)
        {
            var id = clients[0].Id;
            return Where(client => client.Id != id);
        }

        var ids = new HashSet<string>(clients.Length);
        foreach (var client in clients)
            ids.Add(client.Id);
        return Where(client => !ids.Contains(client.Id));
    }

    /// <summary>Those of the audience for whom the predicate is true; the others are counted nowhere.</summary>
    /// <param name="predicate">Asked at each use about each client, on the thread of the caller. A client it throws for is left out, and the exception logged, once for each use.</param>
    public Audience Where(Func<IClient, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new Audience(_source, _calls, _time, _metrics, _filter is { } filter ? client => filter(client) && predicate(client) : predicate);
    }

    /// <summary>
    /// Queues the message for each client. Never waits and never throws for a client: a slow one is treated by the rule of its
    /// own queue.
    /// </summary>
    /// <returns>How many clients took it, and how many did not.</returns>
    public BroadcastResult Write(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);

        var metrics = _metrics is { WantsBroadcasts: true } ? _metrics : null;
        var startedAt = metrics is null ? 0 : _time.GetTimestamp();
        int queued = 0, dropped = 0, closed = 0;
        using (WakeUps.Gather())
        {
            for (var clients = Each(); clients.MoveNext();)
            {
                switch (_calls.Write(clients.Current, message))
                {
                    case WriteResult.Queued:
                        queued++;
                        break;
                    case WriteResult.Closed:
                        closed++;
                        break;
                    default:
                        dropped++;
                        break;
                }
            }
        }

        var result = new BroadcastResult { Queued = queued, Dropped = dropped, Closed = closed };
        metrics?.Broadcasted(_time.GetElapsedTime(startedAt), result);
        return result;
    }

    /// <summary>Encodes the message once and queues it for each client. The payload is copied before the call returns.</summary>
    /// <inheritdoc cref="Write(PreparedMessage)"/>
    public BroadcastResult Write(Message message) => Write(PreparedMessage.From(message));

    /// <summary>Encodes the value once, as JSON in a text message, and queues it for each client.</summary>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">How it is written, from a source-generated <c>JsonSerializerContext</c>.</param>
    /// <inheritdoc cref="Write(PreparedMessage)"/>
    public BroadcastResult Write<T>(T value, JsonTypeInfo<T> typeInfo) => Write(PreparedMessage.Json(value, typeInfo));

    /// <summary>
    /// Queues the message for each client, as <see cref="Write(PreparedMessage)"/> does, and completes when every copy was
    /// handed to its transport or discarded, or at the deadline. That is no promise that a peer received it.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="deadline">Zero to 24 days, or infinite.</param>
    /// <param name="cancellationToken">Ends the waiting. What is queued stays queued.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="deadline"/> is out of its range. Nothing was queued.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    public Task<DeliveryResult> WriteAsync(PreparedMessage message, TimeSpan deadline, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        DeliveryTracker.ValidateDeadline(deadline);

        var tracker = new DeliveryTracker();
        return tracker.WaitAsync(Write(message.Tracked(tracker.Settle)), deadline, _time, cancellationToken);
    }

    /// <summary>Begins to close each connection, see <see cref="IClient.CloseAsync"/>. Waits for none of them.</summary>
    /// <returns>How many connections had not ended yet, and are closing now.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> may not be sent in a close frame. Nobody was closed.</exception>
    public int Close(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string? reason = null, CloseMode mode = CloseMode.Drain)
    {
        CloseStatus.Validate(status);

        var closing = 0;
        for (var clients = Each(); clients.MoveNext();)
            closing += _calls.Close(clients.Current, status, reason, mode) ? 1 : 0;
        return closing;
    }

    /// <summary>Ends each connection at once, without a close frame, see <see cref="IClient.Abort"/>.</summary>
    /// <returns>How many connections had not ended yet.</returns>
    public int Abort()
    {
        var aborted = 0;
        for (var clients = Each(); clients.MoveNext();)
            aborted += _calls.Abort(clients.Current) ? 1 : 0;
        return aborted;
    }

    /// <inheritdoc/>
    public IEnumerator<IClient> GetEnumerator()
    {
        for (var clients = Each(); clients.MoveNext();)
            yield return clients.Current;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private AudienceEnumerator Each() => new(_source, _filter, _calls);
}
