namespace WsPumps.Sessions;

/// <summary>
/// The latest messages that a session has handed to its connections, until they are known to have arrived. Bounded: the oldest go, and
/// nobody waits. Holds references, so a broadcast is kept once for all. For one caller at a time.
/// </summary>
internal sealed class SentMessages(int maxMessages, long maxBytes)
{
    private readonly Queue<(PreparedMessage Message, long SentAt)> _kept = new();
    private long _bytes;

    /// <summary>How many there were in all.</summary>
    public long Count { get; private set; }

    /// <summary>The number of those that are no longer kept; they are the first ones.</summary>
    public long Forgotten => Count - _kept.Count;

    /// <summary>Goes on with what was sent elsewhere. Before anything is added.</summary>
    /// <param name="received">How many of those messages the peer has received: nobody needs them any more.</param>
    public void BeginAfter(long received) => Count = received;

    public void Add(PreparedMessage message, long sentAt)
    {
        _kept.Enqueue((message, sentAt));
        _bytes += message.Length;
        Count++;
        while (_kept.Count > maxMessages || _bytes > maxBytes)
            Forget();
    }

    /// <summary>A message that cannot be sent again: a peer that lacks it cannot go on, nor one that lacks any before it.</summary>
    public void AddUnkept()
    {
        _kept.Clear();
        _bytes = 0;
        Count++;
    }

    /// <summary>Forgets what was sent before a moment.</summary>
    public void ForgetBefore(long timestamp)
    {
        while (_kept.TryPeek(out var oldest) && oldest.SentAt < timestamp)
            Forget();
    }

    /// <summary>Whether all messages behind the first ones that a peer has received are here.</summary>
    public bool ReachBack(long received) => received >= Forgotten && received <= Count;

    /// <summary>The messages behind the first ones.</summary>
    public PreparedMessage[] After(long received) => [.. _kept.Skip((int)(received - Forgotten)).Select(static kept => kept.Message)];

    /// <summary>The payload bytes of the messages behind the first ones.</summary>
    public long BytesAfter(long received) =>
        ReachBack(received) ? _kept.Skip((int)(received - Forgotten)).Sum(static kept => (long)kept.Message.Length) : 0;

    private void Forget() => _bytes -= _kept.Dequeue().Message.Length;
}
