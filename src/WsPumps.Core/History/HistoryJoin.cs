namespace WsPumps.History;

/// <summary>
/// A client on its way into a group with a history: what comes meanwhile waits here. Used in the turns of <see cref="GroupHistory"/>.
/// </summary>
internal sealed class HistoryJoin(IClient client, int maxWaiting)
{
    private List<(HistoryOffset? Offset, PreparedMessage Message)> _waiting = [];

    public IClient Client { get; } = client;

    /// <summary>Whether more came than could be taken.</summary>
    public bool HasOverflown { get; private set; }

    /// <param name="offset">Null for what is in no history.</param>
    /// <param name="message">What is to be sent.</param>
    public void Add(HistoryOffset? offset, PreparedMessage message)
    {
        if (_waiting.Count >= maxWaiting)
            HasOverflown = true;
        else
            _waiting.Add((offset, message));
    }

    /// <summary>What has come, but for what the client has already.</summary>
    public List<PreparedMessage> Take(HistoryOffset after)
    {
        var taken = _waiting.Where(waiting => waiting.Offset is not { } offset || offset > after).Select(waiting => waiting.Message)
            .ToList();
        _waiting = [];
        return taken;
    }
}
