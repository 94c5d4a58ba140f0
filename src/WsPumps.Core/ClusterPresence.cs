using WsPumps.Clustering;

namespace WsPumps;

/// <summary>
/// How many connections groups and users have in the cluster: exact for this server, and as last reported for the others, at most a few
/// seconds ago. Reading it uses no network; for an exact count, use <see cref="Cluster.CountAsync"/>. Safe for concurrent use.
/// </summary>
public sealed class ClusterPresence
{
    /// <summary>How often changes are reported.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ClusterCore _core;
    private readonly ClusterInbox _inbox;
    private readonly TimeProvider _time;
    private readonly LocalPresence _local;
    private readonly RemotePresence _remote = new();
    private long? _toldAt;
    private long? _toldAllAt;
    private bool _isWanted;

    internal ClusterPresence(ClusterCore core, ClusterInbox inbox, TimeProvider time)
    {
        (_core, _inbox, _time) = (core, inbox, time);
        _local = new LocalPresence(core.Options.MaxPresenceNames);
    }

    /// <summary>How many members a group has.</summary>
    /// <param name="name">The group.</param>
    /// <exception cref="ArgumentException">The name or id is null or empty.</exception>
    /// <param name="broadcaster">The name of the broadcaster, see <see cref="Cluster.CreateBroadcaster"/>.</param>
    /// <exception cref="InvalidOperationException"><see cref="ClusterOptions.Presence"/> is off.</exception>
    public ClusterCount Group(string name, string broadcaster = "") => Count(new PresenceKey(broadcaster, IsUser: false, name));

    /// <summary>How many connections a user has.</summary>
    /// <inheritdoc cref="Group"/>
    /// <param name="id">The user.</param>
    /// <param name="broadcaster">The name of the broadcaster, see <see cref="Cluster.CreateBroadcaster"/>.</param>
    public ClusterCount User(string id, string broadcaster = "") => Count(new PresenceKey(broadcaster, IsUser: true, id));

    /// <summary>Whether a user has a connection, as far as this server knows.</summary>
    /// <inheritdoc cref="User"/>
    public bool IsOnline(string id, string broadcaster = "") => User(id, broadcaster).Count > 0;

    /// <summary>How many connections a user has on other servers.</summary>
    internal int Elsewhere(string user, string broadcaster) => Others(new PresenceKey(broadcaster, IsUser: true, user)).Count;

    internal void Forget(ulong instance) => _remote.Forget(instance);

    /// <summary>A node asks for everything: it is sent to all nodes, so that many nodes that join at once need it only once.</summary>
    internal void OnWanted() => Volatile.Write(ref _isWanted, true);

    internal void OnPresence(in Envelope envelope, ref BodyReader body)
    {
        var version = body.ReadNumber();
        var parts = (PresenceParts)body.ReadByte();
        var counts = new List<(PresenceKey, int)>();
        for (var left = body.ReadCount(); left > 0 && body.IsValid; left--)
        {
            var key = new PresenceKey(body.ReadText(), body.ReadByte() == 1, body.ReadText());
            counts.Add((key, (int)body.ReadNumber()));
        }

        if (!body.IsValid)
            return;

        var (now, isCut) = (_time.GetUtcNow(), parts.HasFlag(PresenceParts.Cut));
        if (parts.HasFlag(PresenceParts.All))
        {
            _remote.SetAll(envelope.Origin, version, parts.HasFlag(PresenceParts.First), parts.HasFlag(PresenceParts.Last), isCut, counts,
                now);
        }
        else if (!_remote.Change(envelope.Origin, version, isCut, counts, now))
        {
            _core.Publisher.PublishTo(envelope.Origin, _core.Publisher.Begin(EnvelopeKind.PresenceWanted));
        }
    }

    /// <summary>Done with each pass of the upkeep.</summary>
    internal void Run(long now)
    {
        if (!_core.Options.Presence || _core.Status.State is not BackplaneState.Connected)
            return;

        if (Volatile.Read(ref _isWanted) && (_toldAllAt is not { } all || _time.GetElapsedTime(all, now) >= Interval))
        {
            Volatile.Write(ref _isWanted, false);
            _toldAllAt = now;
            TellAll();
        }

        if (_toldAt is { } last && _time.GetElapsedTime(last, now) < Interval)
            return;

        // Also without a change, so that the others know how old what they have is.
        _toldAt = now;
        var changes = _local.TakeChanges(_inbox.Members.SelectMany(member => member.Presence()));
        Tell(changes, PresenceParts.None);
    }

    private void TellAll()
    {
        var chunks = _local.All().Chunk(LocalPresence.MaxChanges).ToList();
        if (chunks.Count == 0)
            chunks.Add([]);
        for (var i = 0; i < chunks.Count; i++)
            Tell(chunks[i], PresenceParts.All | (i == 0 ? PresenceParts.First : 0) | (i == chunks.Count - 1 ? PresenceParts.Last : 0));
    }

    private void Tell(IReadOnlyCollection<(PresenceKey Key, int Count)> counts, PresenceParts parts)
    {
        var envelope = _core.Publisher.Begin(EnvelopeKind.Presence);
        envelope.WriteNumber(_local.Version);
        envelope.WriteByte((byte)(parts | (_local.IsCut ? PresenceParts.Cut : 0)));
        envelope.WriteNumber(counts.Count);
        foreach (var (key, count) in counts)
        {
            envelope.WriteText(key.Broadcaster);
            envelope.WriteByte(key.IsUser ? (byte)1 : (byte)0);
            envelope.WriteText(key.Name);
            envelope.WriteNumber(count);
        }

        _core.Publisher.PublishControl(envelope);
    }

    private ClusterCount Count(PresenceKey key)
    {
        var others = Others(key);
        return others with { Count = others.Count + (_inbox.Find(key.Broadcaster)?.CountOf(key) ?? 0) };
    }

    private ClusterCount Others(PresenceKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key.Name);
        if (!_core.Options.Presence)
        {
            throw new InvalidOperationException($"Presence is off. Set {nameof(ClusterOptions)}.{nameof(ClusterOptions.Presence)} on all " +
                $"servers, or ask with {nameof(Cluster)}.{nameof(Cluster.CountAsync)}.");
        }

        return _remote.Count(key, _core.Nodes.AliveInstances.Keys, _time.GetUtcNow());
    }
}
