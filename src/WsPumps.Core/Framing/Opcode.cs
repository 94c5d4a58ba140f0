namespace WsPumps.Framing;

/// <summary>The frame types of RFC 6455, section 11.8. Values of 8 and above are control frames.</summary>
internal enum Opcode : byte
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}
