using System.Net.WebSockets;

namespace WsPumps.Transports;

/// <summary>Any <see cref="WebSocket"/>, through its own methods: TestServer, other servers, the client side.</summary>
internal sealed class WebSocketTransport(WebSocket webSocket) : Transport
{
    /// <summary>Ends a receive where the socket's own Abort does not, as under TestServer.</summary>
    private readonly CancellationTokenSource _aborted = new();

    public override WebSocketCloseStatus? PeerStatus => webSocket.CloseStatus;

    public override string? PeerReason => webSocket.CloseStatusDescription;

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer) => webSocket.ReceiveAsync(buffer, _aborted.Token);

    public override ValueTask WriteAsync(PreparedMessage message) =>
        webSocket.SendAsync(message.Payload, message.Type, WebSocketMessageFlags.EndOfMessage, CancellationToken.None);

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) =>
        new(webSocket.CloseOutputAsync(status, reason, CancellationToken.None));

    public override void Abort()
    {
        webSocket.Abort();
        _aborted.Cancel();
    }
}
