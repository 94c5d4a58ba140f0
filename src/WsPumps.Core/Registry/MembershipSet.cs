using System.Runtime.CompilerServices;

namespace WsPumps.Registry;

/// <summary>
/// The groups of one client: a hash table of nothing but references, so that one group costs eight bytes and a thousand are
/// found as fast as ten. Not safe for concurrent use.
/// </summary>
internal struct MembershipSet
{
    private const int MinLength = 4;

    /// <summary>A power of two long, at most three quarters full; a membership stands at its group's place or the next free one.</summary>
    private Membership?[] _table = [];

    public MembershipSet()
    {
    }

    public int Count { get; private set; }

    public readonly Membership? Find(Group group)
    {
        if (Count == 0)
            return null;

        var at = Home(group);
        while (_table[at] is { } membership && membership.Group != group)
            at = Next(at);
        return _table[at];
    }

    /// <param name="membership">Of a group that is not in the set.</param>
    public void Add(Membership membership)
    {
        if ((Count + 1) * 4 > _table.Length * 3)
            Grow();

        Place(membership);
        Count++;
    }

    /// <param name="membership">One that is in the set.</param>
    public void Remove(Membership membership)
    {
        if (--Count == 0)
        {
            _table = [];
            return;
        }

        var hole = Home(membership.Group);
        while (_table[hole] != membership)
            hole = Next(hole);

        // Those behind the hole move up, unless that would put them before their own place: a search stops at the first free one.
        for (var at = Next(hole); _table[at] is { } other; at = Next(at))
        {
            if (Distance(Home(other.Group), at) < Distance(hole, at))
                continue;

            _table[hole] = other;
            hole = at;
        }

        _table[hole] = null;
    }

    public readonly Membership[] ToArray()
    {
        var memberships = new Membership[Count];
        var count = 0;
        foreach (var membership in _table)
        {
            if (membership is not null)
                memberships[count++] = membership;
        }

        return memberships;
    }

    private void Grow()
    {
        var old = _table;
        _table = new Membership?[Math.Max(MinLength, old.Length * 2)];
        foreach (var membership in old)
        {
            if (membership is not null)
                Place(membership);
        }
    }

    private readonly void Place(Membership membership)
    {
        var at = Home(membership.Group);
        while (_table[at] is not null)
            at = Next(at);
        _table[at] = membership;
    }

    private readonly int Home(Group group) => RuntimeHelpers.GetHashCode(group) & (_table.Length - 1);

    private readonly int Next(int at) => (at + 1) & (_table.Length - 1);

    private readonly int Distance(int from, int to) => (to - from) & (_table.Length - 1);
}
