namespace WsPumps.Clustering;

/// <summary>What other nodes have told of their groups and users. Safe for concurrent use.</summary>
internal sealed class RemotePresence
{
    private readonly Dictionary<ulong, Digest> _digests = [];
    private readonly Lock _lock = new();

    /// <summary>A node has told all it has, in one or more parts.</summary>
    public void SetAll(ulong instance, long version, bool isFirst, bool isLast, bool isCut, List<(PresenceKey Key, int Count)> counts,
        DateTimeOffset now)
    {
        lock (_lock)
        {
            var digest = _digests.TryGetValue(instance, out var known) && !isFirst ? known : _digests[instance] = new Digest();
            digest.Apply(counts);
            (digest.Version, digest.IsWhole, digest.IsCut, digest.ToldAt) = (version, isLast, isCut, now);
        }
    }

    /// <summary>A node has told what has changed.</summary>
    /// <returns>False when something is missing before it: the node must be asked for all.</returns>
    public bool Change(ulong instance, long version, bool isCut, List<(PresenceKey Key, int Count)> changes, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_digests.TryGetValue(instance, out var digest))
            {
                // The very first of a node is all it has.
                if (version != 1)
                    return false;

                _digests[instance] = digest = new Digest { IsWhole = true };
            }
            else if (version <= digest.Version)
            {
                return true;
            }
            else if (version != digest.Version + 1 || !digest.IsWhole)
            {
                return false;
            }

            digest.Apply(changes);
            (digest.Version, digest.IsCut, digest.ToldAt) = (version, isCut, now);
            return true;
        }
    }

    public void Forget(ulong instance)
    {
        lock (_lock)
            _digests.Remove(instance);
    }

    /// <summary>The connections of a name at these nodes.</summary>
    public ClusterCount Count(PresenceKey key, IEnumerable<ulong> nodes, DateTimeOffset now)
    {
        var (count, asOf, isComplete) = (0, now, true);
        lock (_lock)
        {
            foreach (var instance in nodes)
            {
                if (!_digests.TryGetValue(instance, out var digest))
                {
                    isComplete = false;
                    continue;
                }

                count += digest.CountOf(key);
                asOf = digest.ToldAt < asOf ? digest.ToldAt : asOf;
                isComplete &= digest is { IsWhole: true, IsCut: false };
            }
        }

        return new ClusterCount { Count = count, AsOf = asOf, IsComplete = isComplete };
    }

    private sealed class Digest
    {
        private readonly Dictionary<PresenceKey, int> _counts = [];

        public long Version { get; set; }

        public bool IsWhole { get; set; }

        public bool IsCut { get; set; }

        public DateTimeOffset ToldAt { get; set; }

        public int CountOf(PresenceKey key) => _counts.GetValueOrDefault(key);

        public void Apply(List<(PresenceKey Key, int Count)> changes)
        {
            foreach (var (key, count) in changes)
            {
                if (count > 0)
                    _counts[key] = count;
                else
                    _counts.Remove(key);
            }
        }
    }
}
