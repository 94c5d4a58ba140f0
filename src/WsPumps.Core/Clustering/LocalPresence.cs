namespace WsPumps.Clustering;

/// <summary>What this node has told the others of its groups and users, and what has changed since. Used by the upkeep alone.</summary>
internal sealed class LocalPresence(int maxNames)
{
    /// <summary>How many changes one message has at most. The rest follows with the next.</summary>
    public const int MaxChanges = 5000;

    private readonly Dictionary<PresenceKey, (int Count, long Pass)> _told = [];
    private long _pass;

    /// <summary>One more with each message, so that a receiver notices when one is missing.</summary>
    public long Version { get; private set; }

    /// <summary>Whether there are more names than are told.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Looks what has changed. Counts of zero are names that are gone.</summary>
    public List<(PresenceKey Key, int Count)> TakeChanges(IEnumerable<(PresenceKey Key, int Count)> now)
    {
        _pass++;
        var changes = new List<(PresenceKey, int)>();
        IsCut = false;
        foreach (var (key, count) in now)
        {
            var isTold = _told.TryGetValue(key, out var told);
            if (!isTold && _told.Count >= maxNames)
            {
                IsCut = true;
            }
            else if (isTold && told.Count == count)
            {
                _told[key] = (count, _pass);
            }
            else if (changes.Count < MaxChanges)
            {
                _told[key] = (count, _pass);
                changes.Add((key, count));
            }
            else if (isTold)
            {
                _told[key] = (told.Count, _pass);
            }
        }

        foreach (var (key, told) in _told)
        {
            if (told.Pass != _pass && changes.Count < MaxChanges && _told.Remove(key))
                changes.Add((key, 0));
        }

        Version++;
        return changes;
    }

    /// <summary>All that was told so far, for a node that has come or has missed something.</summary>
    public List<(PresenceKey Key, int Count)> All() => [.. _told.Select(told => (told.Key, told.Value.Count))];
}
