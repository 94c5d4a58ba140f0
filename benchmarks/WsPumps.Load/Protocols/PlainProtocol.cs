namespace WsPumps.Load.Protocols;

/// <summary>One WebSocket message is one message; the stamp is its first bytes.</summary>
internal sealed class PlainProtocol : LoadProtocol
{
    public override OutgoingMessage CreateMessage(int length)
    {
        var payload = new byte[Math.Max(length, Stamp.Length)];
        payload.AsSpan().Fill((byte)'.');
        return new OutgoingMessage(isText: false, payload, stampOffset: 0);
    }

    public override MessageSplitter CreateSplitter() => new Splitter();

    private sealed class Splitter() : MessageSplitter(Stamp.Length)
    {
        public override void Feed(ReadOnlySpan<byte> payload, bool endsMessage, IMessageReceiver receiver)
        {
            Take(payload);
            if (endsMessage && Finish() is { Length: Stamp.Length } head)
                receiver.OnMessage(Stamp.Read(head));
        }
    }
}
