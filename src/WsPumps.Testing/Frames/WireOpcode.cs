namespace WsPumps.Testing.Frames;

/// <summary>RFC 6455, section 11.8. The tests have their own list, so that they don't repeat a mistake of the library.</summary>
internal enum WireOpcode
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}
