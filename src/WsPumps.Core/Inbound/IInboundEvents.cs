namespace WsPumps.Inbound;

/// <summary>What the read pump tells of what is no message. On its own thread, between two reads.</summary>
internal interface IInboundEvents
{
    /// <summary>What one read has brought is handled from here on, without a pause, on this thread.</summary>
    void HandlingBegins();

    /// <summary>It is handled, or the thread is left. Also without a beginning.</summary>
    void HandlingEnds();

    /// <summary>The peer has shown life.</summary>
    void BytesReceived();

    void PingReceived(ReadOnlySpan<byte> payload);

    /// <returns>Whether it answers a ping of ours.</returns>
    bool PongReceived(ReadOnlySpan<byte> payload);
}
