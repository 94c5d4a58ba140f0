using System.Net.WebSockets;
using WsPumps.Registry;

namespace WsPumps.Clustering;

/// <summary>One broadcaster of this node: carries out what others ask, and tells for which groups and users it has members.</summary>
internal sealed class ClusterMember : IGroupObserver
{
    private readonly Broadcaster _broadcaster;
    private readonly ClusterCore _core;
    private readonly UserObserver _users;

    public ClusterMember(string name, Broadcaster broadcaster, ClusterCore core)
    {
        (Name, _broadcaster, _core) = (name, broadcaster, core);
        _users = new UserObserver(core);
        var registry = broadcaster.Manager.Registry;
        // Before the look at those that are there: one that comes meanwhile counts twice, which costs a subscription, and never too little.
        registry.Groups.Observe(this);
        registry.Users.Observe(_users);
        foreach (var group in registry.Groups)
            Began(group);
        foreach (var user in registry.Users)
            _users.Began(user);
    }

    public string Name { get; }

    public Broadcaster Broadcaster => _broadcaster;

    public Manager Manager => _broadcaster.Manager;

    public void Began(string name) => _core.AddInterest(_core.Channels.OfGroup(name));

    public void Ended(string name) => _core.RemoveInterest(_core.Channels.OfGroup(name));

    public void Write(AudienceSelector audience, PreparedMessage message, HistoryEntry? entry)
    {
        if (!_broadcaster.Histories.TryArrive(audience, message, entry))
            Local(audience).Write(message);
    }

    /// <summary>Messages on this channel may have gone by. Those that the histories of its groups have are fetched.</summary>
    public void Heard(int channel) => _broadcaster.Histories.CatchUp(group => _core.Channels.OfGroup(group) == channel);

    /// <param name="audience">Who is closed.</param>
    /// <param name="issuedAt">Who has connected later is spared.</param>
    /// <param name="status">The close code.</param>
    /// <param name="reason">The close reason.</param>
    /// <param name="mode">Whether queued messages leave first.</param>
    public int Close(AudienceSelector audience, DateTimeOffset issuedAt, WebSocketCloseStatus status, string? reason, CloseMode mode) =>
        Since(audience, issuedAt).Close(status, reason, mode);

    /// <summary>Newer connections take their places.</summary>
    public void CloseAsReplaced(AudienceSelector audience, DateTimeOffset issuedAt) => Since(audience, issuedAt).CloseAsReplaced();

    public int Abort(AudienceSelector audience, DateTimeOffset issuedAt) => Since(audience, issuedAt).Abort();

    public int Count(AudienceSelector audience) => Local(audience).Count;

    public IEnumerable<ClientSnapshot> Snapshots(AudienceSelector audience) => Local(audience).Snapshot();

    public int CountOf(PresenceKey key)
    {
        var registry = Manager.Registry;
        return (key.IsUser ? registry.Users : registry.Groups).TryFind(key.Name, out var members) ? members.Count : 0;
    }

    public IEnumerable<(PresenceKey Key, int Count)> Presence()
    {
        var registry = Manager.Registry;
        foreach (var (map, isUser) in new[] { (registry.Groups, false), (registry.Users, true) })
        {
            foreach (var name in map)
            {
                if (map.TryFind(name, out var members))
                    yield return (new PresenceKey(Name, isUser, name), members.Count);
            }
        }
    }

    private LocalAudience Local(AudienceSelector audience) => _broadcaster.Of(audience).Local;

    private LocalAudience Since(AudienceSelector audience, DateTimeOffset issuedAt) =>
        Local(audience).Where(client => client.Statistics.ConnectedAt <= issuedAt);

    private sealed class UserObserver(ClusterCore core) : IGroupObserver
    {
        public void Began(string name) => core.AddInterest(core.Channels.OfUser(name));

        public void Ended(string name) => core.RemoveInterest(core.Channels.OfUser(name));
    }
}
