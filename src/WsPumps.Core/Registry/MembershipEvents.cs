using Microsoft.Extensions.Logging;

namespace WsPumps.Registry;

/// <summary>
/// Tells who joins and leaves groups. The changes of one client are told in the order they happened, one at a time, by
/// whichever thread comes first; no lock is held meanwhile.
/// </summary>
internal sealed partial class MembershipEvents(ILogger logger)
{
    /// <summary>What subscribers change, themselves or through others, while this thread is telling: told next, not deeper in the stack.</summary>
    [ThreadStatic]
    private static Queue<(MembershipEvents Events, Entry Entry)>? _later;

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
        if (!entry.HasChanges)
            return;

        if (_later is not null)
        {
            _later.Enqueue((this, entry));
            return;
        }

        _later = [];
        RaiseAll(entry);
        while (_later.TryDequeue(out var next))
            next.Events.RaiseAll(next.Entry);
        _later = null;
    }

    private void RaiseAll(Entry entry)
    {
        for (var isNext = false; entry.TryTakeChange(isNext, out var change); isNext = true)
        {
            foreach (var subscriber in Delegate.EnumerateInvocationList(change.Joined ? Joined : Left))
                Call(subscriber, entry, change);
        }
    }

    private void Call(Action<IClient, string> subscriber, Entry entry, MembershipChange change)
    {
        try
        {
            subscriber(entry.Client, change.Group);
        }
        catch (Exception exception)
        {
            Log.SubscriberFailed(logger, entry.Id, change.Joined ? "Joined" : "Left", change.Group, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(32, LogLevel.Error, "Connection {ConnectionId}: a subscriber of {Event} failed for group {Group}.", EventName = "MembershipSubscriberFailed")]
        public static partial void SubscriberFailed(ILogger logger, string connectionId, string @event, string group, Exception exception);
    }
}
