using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>Any <see cref="WebSocket"/>, through its own methods: TestServer, other servers, the client side.</summary>
internal sealed class WebSocketTransport(WebSocket webSocket) : Transport
{
    /// <summary>Ends a receive where the socket's own Abort does not, as under TestServer.</summary>
    private readonly CancellationTokenSource _aborted = new();

    private WebSocketMessageType _type;

    public override bool SendsPings => false;

    public override bool MayBlock => true;

    public override WebSocketCloseStatus? PeerStatus => webSocket.CloseStatus;

    public override string? PeerReason => webSocket.CloseStatusDescription;

    /// <summary>Receives a part of a message. An empty buffer waits for a message without holding memory for it.</summary>
    public ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer) => webSocket.ReceiveAsync(buffer, _aborted.Token);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        for (int length; !frames.IsEmpty; frames = frames[length..])
        {
            length = FrameHeader.LengthOf(frames.Span);
            await SendAsync(frames[..length]).ConfigureAwait(false);
        }
    }

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) =>
        new(webSocket.CloseOutputAsync(status, reason, CancellationToken.None));

    public override void Abort()
    {
        webSocket.Abort();
        // On the thread pool: what waits for it must not run on the thread of a caller, the heartbeat for one.
        _ = _aborted.CancelAsync();
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        // Of a fragment that continues a message, only the socket needs to be told the type.
        if (FrameHeader.OpcodeOf(frame.Span) is var opcode and not Opcode.Continuation)
            _type = opcode is Opcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
        var flags = FrameHeader.IsFinal(frame.Span) ? WebSocketMessageFlags.EndOfMessage : WebSocketMessageFlags.None;
        return webSocket.SendAsync(FrameHeader.PayloadOf(frame), _type, flags, CancellationToken.None);
    }
}
