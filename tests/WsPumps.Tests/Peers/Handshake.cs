namespace WsPumps.Tests.Peers;

internal static class Handshake
{
    /// <summary>What makes a GET a request for a WebSocket (RFC 6455, section 4.1).</summary>
    public static readonly (string Name, string Value)[] Headers =
    [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
}
