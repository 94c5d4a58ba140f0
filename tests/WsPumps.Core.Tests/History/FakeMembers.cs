using System.Collections.Concurrent;
using WsPumps.History;

namespace WsPumps.Core.Tests.History;

/// <summary>The members of one group on one server. What is published arrives at the others when the test says so, or at once.</summary>
internal sealed class FakeMembers : IGroupMembers
{
    private readonly ConcurrentDictionary<string, IClient> _members = new();

    public List<GroupHistory> Others { get; } = [];

    /// <summary>Takes what is published instead of the others.</summary>
    public Action<PreparedMessage, HistoryEntry?>? OnPublish { get; set; }

    public bool IsEmpty => _members.IsEmpty;

    public bool Contains(IClient client) => _members.ContainsKey(client.Id);

    public BroadcastResult Write(IReadOnlyCollection<string> excluded, PreparedMessage message)
    {
        var queued = 0;
        foreach (var (_, client) in _members)
        {
            if (!excluded.Contains(client.Id) && client.Write(message) is WriteResult.Queued)
                queued++;
        }

        return new BroadcastResult { Queued = queued };
    }

    public bool Publish(IReadOnlyCollection<string> excluded, PreparedMessage message, HistoryEntry? entry)
    {
        OnPublish?.Invoke(message, entry);
        foreach (var other in Others)
            other.Arrived(excluded, message, entry);
        return true;
    }

    public bool Join(IClient client) => _members.TryAdd(client.Id, client);

    public bool Leave(IClient client) => _members.TryRemove(client.Id, out _);
}
