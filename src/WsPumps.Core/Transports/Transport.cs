using System.Net.WebSockets;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>
/// Where the write pump writes to, and what tears the connection down. One write is under way at most; it takes no token,
/// <see cref="Abort"/> ends it.
/// </summary>
internal abstract class Transport
{
    /// <summary>Whether ping frames can be written. Where not, the platform's keep-alive is all there is.</summary>
    public abstract bool SendsPings { get; }

    /// <summary>Whether frames go straight to the socket by now.</summary>
    public virtual bool IsDirect => false;

    /// <summary>What was agreed on about compression; null for nothing.</summary>
    public virtual CompressionAgreement? Compression => null;

    /// <summary>The code of the peer's close frame, once it was received.</summary>
    public abstract WebSocketCloseStatus? PeerStatus { get; }

    /// <summary>The reason of the peer's close frame, once it was received.</summary>
    public abstract string? PeerReason { get; }

    /// <summary>
    /// Writes whole frames, in order. Begins on the caller's thread and does not block it: what the wire takes at once is written when the
    /// call returns, and then the task is complete. Until it is, the memory stays as it is. Completion means handed over, not received.
    /// </summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> frames);

    /// <summary>Whether a write may run code that blocks its thread: neither ours nor the server's.</summary>
    public abstract bool MayBlock { get; }

    /// <summary>Of the parts of a message that is streamed, with their headers.</summary>
    public virtual int FragmentSize => FragmentPool.Size;

    /// <summary>Changes when a write that takes its time has moved on.</summary>
    public virtual int WriteProgress => 0;

    /// <summary>
    /// Whether the connection is known to be lost, although writes may still end well; null where the transport cannot tell.
    /// </summary>
    public virtual bool? IsLost => null;

    /// <summary>Writes the close frame, after which nothing is written.</summary>
    public abstract ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason);

    /// <summary>Told when the outstanding ping was answered.</summary>
    public virtual void PongReceived()
    {
    }

    /// <summary>Ends the connection without a word. May be called from any thread, also twice.</summary>
    public abstract void Abort();
}
