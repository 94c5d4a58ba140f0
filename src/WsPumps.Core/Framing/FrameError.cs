using System.Net.WebSockets;

namespace WsPumps.Framing;

/// <summary>A rule that the peer broke: the close code, and the sentence that it is told.</summary>
internal sealed record FrameError(WebSocketCloseStatus Status, string Text)
{
    public static readonly FrameError ReservedBit = Protocol("A reserved bit is set, and no extension was agreed on (section 5.2).");
    public static readonly FrameError ReservedOpcode = Protocol("The opcode is reserved (section 5.2).");
    public static readonly FrameError FragmentedControl = Protocol("A control frame is fragmented (section 5.5).");
    public static readonly FrameError LongControl = Protocol("A control frame has more than 125 bytes (section 5.5).");
    public static readonly FrameError NothingToContinue = Protocol("A continuation frame has nothing to continue (section 5.4).");
    public static readonly FrameError Unfinished = Protocol("A message begins before the last one has ended (section 5.4).");
    public static readonly FrameError NotMasked = Protocol("A client's frame is not masked (section 5.1).");
    public static readonly FrameError Masked = Protocol("A server's frame is masked (section 5.1).");
    public static readonly FrameError LongLength = Protocol("A length is not in its shortest form (section 5.2).");
    public static readonly FrameError HugeLength = Protocol("A length has its highest bit set (section 5.2).");
    public static readonly FrameError HalfCloseCode = Protocol("A close frame has half a code (section 5.5.1).");
    public static readonly FrameError CloseCode = Protocol("A close code may not be sent (section 7.4).");
    public static readonly FrameError Utf8 = Payload("A text message is not UTF-8 (section 8.1).");
    public static readonly FrameError CloseReason = Payload("A close reason is not UTF-8 (section 5.5.1).");

    public static readonly FrameError Deflate = Payload("A message cannot be decompressed (RFC 7692, section 7.2.2).");

    private static FrameError Protocol(string text) => new(WebSocketCloseStatus.ProtocolError, text);

    private static FrameError Payload(string text) => new(WebSocketCloseStatus.InvalidPayloadData, text);
}
