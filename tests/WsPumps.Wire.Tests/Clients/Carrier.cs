namespace WsPumps.Wire.Tests.Clients;

/// <summary>What the WebSocket runs over.</summary>
public enum Carrier
{
    Http1,
    Http1Tls,
    Http2,
    Http2Tls,
}
