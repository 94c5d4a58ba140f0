namespace WsPumps.Load.Protocols;

/// <summary>What is spoken inside the WebSocket.</summary>
internal abstract class LoadProtocol
{
    /// <summary>What a client sends first, before it counts as connected; null for nothing.</summary>
    public virtual OutgoingMessage? Hello => null;

    /// <summary>A message that carries <paramref name="length"/> bytes of the user's, to /echo or /broadcast.</summary>
    public abstract OutgoingMessage CreateMessage(int length);

    /// <summary>What finds the messages in the payloads that one connection receives.</summary>
    public abstract MessageSplitter CreateSplitter();
}
