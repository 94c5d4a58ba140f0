using WsPumps.Outgoing;

namespace WsPumps.Resuming;

/// <summary>
/// What the client counts over the connections of a session, and what it has sent last, in case that is lost on its way. Used by the loop
/// and the sender, one after the other.
/// </summary>
internal sealed class ClientSession(int maxMessages, long maxBytes)
{
    private readonly Queue<OutgoingMessage> _ring = new();
    private string _secret = ResumeNames.NewSecret();
    private long _ringBytes;
    private long _sent;
    private long _receivedBefore;

    /// <summary>The bounds of the ring: what is handed over at once should fit.</summary>
    public (int Messages, long Bytes) Bounds => (maxMessages, maxBytes);

    /// <param name="received">How many messages the client has received in all its life.</param>
    public string Offer(long received) => ResumeNames.Offer(_secret, received - _receivedBefore);

    /// <summary>A new session, from zero in both directions.</summary>
    /// <param name="received">How many messages the client has received in all its life.</param>
    /// <param name="anew">Whether to use another secret, so that the server does not find the former session.</param>
    public void Begin(long received, bool anew)
    {
        if (anew)
            _secret = ResumeNames.NewSecret();
        (_sent, _ringBytes, _receivedBefore) = (0, 0, received);
        _ring.Clear();
    }

    /// <summary>Numbers a message that the connection has accepted. The oldest ones go when there are too many.</summary>
    public void Add(OutgoingMessage message)
    {
        message.Number = ++_sent;
        _ring.Enqueue(message);
        _ringBytes += message.Message.Length;
        while (_ring.Count > maxMessages || _ringBytes > maxBytes)
            Forget();
    }

    /// <summary>Forgets what the server has received. What is left is to be sent again, in this order.</summary>
    /// <returns>Null where it can no longer be known what the server has.</returns>
    public IReadOnlyCollection<OutgoingMessage>? LostOf(long received)
    {
        var lost = _sent - received;
        if (lost < 0 || lost > _ring.Count)
            return null;

        while (_ring.Count > lost)
            Forget();
        return _ring;
    }

    private void Forget() => _ringBytes -= _ring.Dequeue().Message.Length;
}
