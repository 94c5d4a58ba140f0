namespace WsPumps.Registry;

/// <summary>The members of one group, or the connections of one user. It ends when its last member leaves.</summary>
internal sealed class Group(string name, GroupMap map) : ClientList
{
    private bool _ended;

    public string Name { get; } = name;

    /// <returns>False when the group has ended and is in the map no more.</returns>
    public bool TryAdd(Membership membership)
    {
        lock (Sync)
        {
            if (_ended)
                return false;

            Add(membership);
            return true;
        }
    }

    public void Remove(Membership membership)
    {
        lock (Sync)
        {
            base.Remove(membership);
            if (Count > 0 || _ended)
                return;

            // Under the lock, so that whoever finds the group ended finds it gone from the map as well, and makes a new one.
            _ended = true;
            map.Forget(this);
        }
    }
}
