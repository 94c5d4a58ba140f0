using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using WsPumps.Broadcasting;
using WsPumps.Registry;

namespace WsPumps.History;

/// <summary>
/// The groups of a broadcaster whose last messages are kept. Stands before its route: what is written to one of them goes through its
/// history.
/// </summary>
internal sealed class GroupHistories(
    IBroadcastRoute inner, LocalRoute local, ClientRegistry registry, TimeProvider time, ILogger logger) : IBroadcastRoute
{
    private readonly ConcurrentDictionary<string, GroupHistory> _histories = new();
    private readonly MemoryHistoryStore _memory = new(time);
    private IHistoryStore? _shared;
    private IClusterPublisher? _publisher;

    /// <summary>The way to the other servers, and where all of them keep histories; null where each has its own.</summary>
    public void Share(IClusterPublisher publisher, IHistoryStore? store) => (_publisher, _shared) = (publisher, store);

    public void Keep(string group, HistoryOptions options)
    {
        options.Check();
        _histories.GetOrAdd(group, static (group, arguments) => arguments.Self.Create(group, arguments.Options),
            (Self: this, Options: options));
    }

    public bool Forget(string group)
    {
        _memory.Forget(group);
        return _histories.TryRemove(group, out _);
    }

    /// <exception cref="InvalidOperationException">The group keeps no history.</exception>
    public ValueTask<HistoryResult> JoinAsync(IClient client, string group, string? after, CancellationToken cancellationToken) =>
        _histories.TryGetValue(group, out var history)
            ? history.JoinAsync(client, after, cancellationToken)
            : throw new InvalidOperationException($"The group '{group}' keeps no history. Call {nameof(Broadcaster.KeepHistory)} for it " +
                "first, on every server.");

    /// <summary>A message of another server.</summary>
    /// <returns>False when it is for no group with a history.</returns>
    public bool TryArrive(AudienceSelector audience, PreparedMessage message, HistoryEntry? entry)
    {
        if (Find(audience) is not { } history)
            return false;

        history.Arrived(audience.Excluded, message, entry);
        return true;
    }

    /// <summary>Messages of other servers may have gone by unheard: fetches what the histories of these groups have.</summary>
    /// <param name="isMeant">Whether a group is one of them.</param>
    public void CatchUp(Func<string, bool> isMeant)
    {
        foreach (var (group, history) in _histories)
        {
            if (isMeant(group))
                history.CatchUp();
        }
    }

    public BroadcastResult Write(AudienceSelector audience, PreparedMessage message) =>
        Find(audience) is { } history ? history.Write(audience.Excluded, message) : inner.Write(audience, message);

    public ValueTask<BroadcastResult> WriteAsync(AudienceSelector audience, PreparedMessage message, CancellationToken cancellationToken) =>
        Find(audience) is { } history
            ? history.WriteAsync(audience.Excluded, message, cancellationToken)
            : inner.WriteAsync(audience, message, cancellationToken);

    public int Close(AudienceSelector audience, WebSocketCloseStatus status, string? reason, CloseMode mode) =>
        inner.Close(audience, status, reason, mode);

    public int Abort(AudienceSelector audience) => inner.Abort(audience);

    private GroupHistory? Find(AudienceSelector audience) =>
        !_histories.IsEmpty && audience is { Kind: AudienceKind.Groups, Names.Count: 1, NodeId: null }
            && _histories.TryGetValue(audience.Names[0], out var history) ? history : null;

    private GroupHistory Create(string group, HistoryOptions options) =>
        new(group, options, _shared ?? _memory, _shared is not null, new Members(this, group), time, logger);

    private sealed class Members(GroupHistories histories, string group) : IGroupMembers
    {
        private readonly AudienceSelector _all = AudienceSelector.Groups(group);

        public BroadcastResult Write(IReadOnlyCollection<string> excluded, PreparedMessage message)
        {
            // With a cluster, what goes to the others is not what clients of this server get: they have positions of their own.
            return histories.RouteToMembers.Write(Audience(excluded), message);
        }

        public bool Publish(IReadOnlyCollection<string> excluded, PreparedMessage message, HistoryEntry? entry) =>
            histories._publisher?.Publish(Audience(excluded), message, entry) ?? false;

        public bool IsEmpty => !histories.Registry.Groups.TryFind(group, out _);

        public bool Join(IClient client) => histories.Registry.Join(client, group);

        public bool Leave(IClient client) => histories.Registry.Leave(client, group);

        private AudienceSelector Audience(IReadOnlyCollection<string> excluded) => excluded.Count == 0 ? _all : _all.Except([.. excluded]);
    }

    private IBroadcastRoute RouteToMembers => _publisher is null ? inner : local;

    private ClientRegistry Registry => registry;
}
