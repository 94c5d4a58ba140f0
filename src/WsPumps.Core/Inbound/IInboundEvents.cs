namespace WsPumps.Inbound;

/// <summary>What the read pump tells of what is no message. On its own thread, between two reads.</summary>
internal interface IInboundEvents
{
    /// <summary>The peer has shown life.</summary>
    void BytesReceived();

    void PingReceived(ReadOnlySpan<byte> payload);

    /// <returns>Whether it answers a ping of ours.</returns>
    bool PongReceived(ReadOnlySpan<byte> payload);
}
