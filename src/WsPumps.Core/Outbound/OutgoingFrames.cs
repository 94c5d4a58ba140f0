using WsPumps.Framing;

namespace WsPumps.Outbound;

/// <summary>The frames that a connection queues for what is written to it.</summary>
/// <param name="areKept">Whether what was sent is kept for a peer that comes back: then no frame is used again.</param>
/// <param name="compression">What was agreed on; null for nothing.</param>
internal readonly struct OutgoingFrames(bool areKept, CompressionAgreement? compression)
{
    public PreparedMessage Of(PreparedMessage message) => compression?.FormOf(message) ?? message;

    /// <summary>A frame for this connection alone, which goes back to the pool when it was written.</summary>
    public PreparedMessage Of(Message message) => areKept || compression?.Covers(message.Payload.Length) is true
        ? PreparedMessage.From(message) : FramePool.Rent(message);
}
