using Microsoft.Extensions.Logging;
using WsPumps.Diagnostics;

namespace WsPumps.Registry;

/// <summary>
/// Tells who joins and leaves groups. The changes of one client are told in the order they happened, one at a time, by
/// whichever thread comes first; no lock is held meanwhile.
/// </summary>
internal sealed class MembershipEvents(ILogger logger)
{
    public event Action<IClient, string>? Joined;

    public event Action<IClient, string>? Left;

    /// <summary>Notes a change for <see cref="Raise"/>. Called under the entry's lock, where the change is made: that is what makes the order.</summary>
    public void Note(Entry entry, string group, bool joined)
    {
        if ((joined ? Joined : Left) is not null)
            entry.AddChange(new MembershipChange(group, joined));
    }

    /// <summary>Called without a lock. Never throws.</summary>
    public void Raise(Entry entry)
    {
        if (entry.HasChanges)
            SafeEvents.Tell(() => RaiseAll(entry));
    }

    private void RaiseAll(Entry entry)
    {
        for (var isNext = false; entry.TryTakeChange(isNext, out var change); isNext = true)
        {
            foreach (var subscriber in Delegate.EnumerateInvocationList(change.Joined ? Joined : Left))
                SafeEvents.Call<IClient>(client => subscriber(client, change.Group), entry.Client, change.Joined ? nameof(Joined) : nameof(Left), entry.Id, logger);
        }
    }
}
