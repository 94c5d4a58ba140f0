using System.Diagnostics.CodeAnalysis;

namespace WsPumps.Registry;

/// <summary>
/// What is to be told about the groups of one client, in the order it happened. Safe for concurrent use; its lock is a leaf.
/// </summary>
internal sealed class MembershipChanges
{
    private readonly Queue<MembershipChange> _changes = [];
    private bool _isTelling;

    public void Add(MembershipChange change)
    {
        lock (_changes)
            _changes.Enqueue(change);
    }

    /// <summary>
    /// Takes the oldest change that nobody was told yet. One caller at a time gets them, all of them, in their order; it goes
    /// on until there are none. For the others there is nothing to do.
    /// </summary>
    /// <param name="isNext">Whether the caller is the one that took the change before.</param>
    /// <param name="change">The change.</param>
    public bool TryTake(bool isNext, [NotNullWhen(true)] out MembershipChange? change)
    {
        change = null;
        lock (_changes)
        {
            if (_isTelling != isNext)
                return false;

            _isTelling = _changes.TryDequeue(out change);
            return _isTelling;
        }
    }
}
