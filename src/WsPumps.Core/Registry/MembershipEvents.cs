using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Registry;

/// <summary>
/// Tells who joins and leaves groups. The changes of one client are told in the order they happened, one at a time, by
/// whichever thread comes first; no lock is held meanwhile.
/// </summary>
internal sealed class MembershipEvents(ILogger logger, TimeProvider time)
{
    public event Action<MembershipEvent>? Joined;

    public event Action<MembershipEvent>? Left;

    /// <summary>
    /// Notes a change for <see cref="Raise"/>. Called under the entry's lock, where the change is made: that is what makes the order.
    /// </summary>
    public void Note(ClientEntry entry, string group, bool joined)
    {
        if ((joined ? Joined : Left) is not null)
            entry.Changes.Add(new MembershipChange(group, joined));
    }

    /// <summary>Called without a lock. Never throws.</summary>
    public void Raise(ClientEntry entry)
    {
        if (entry.ChangesInUse is { } changes)
            Tell(entry, changes);
    }

    /// <summary>By itself, so that nothing is allocated where there is nothing to tell.</summary>
    private void Tell(ClientEntry entry, MembershipChanges changes) =>
        SafeEvents.Tell(() => RaiseAll(entry, changes), time as IWorkCounter);

    private void RaiseAll(ClientEntry entry, MembershipChanges changes)
    {
        for (var isNext = false; changes.TryTake(isNext, out var change); isNext = true)
        {
            var (subscribers, name) = change.Joined ? (Joined, nameof(Joined)) : (Left, nameof(Left));
            SafeEvents.Call(subscribers, new MembershipEvent { Client = entry.Client, Group = change.Group }, name, entry.Id, logger);
        }
    }
}
