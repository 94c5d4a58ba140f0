using System.Buffers;
using System.Net.WebSockets;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>Writes frames straight to the stream below the runtime's WebSocket, which only reads.</summary>
internal sealed class FrameTransport(WebSocket webSocket, FrameGate gate) : Transport
{
    private const int LingerBuffer = 4096;

    private Output _output = new(gate);

    public override bool SendsPings => true;

    public override bool IsDirect => _output.IsDirect;

    public override bool WantsPing => _output.WantsPing;

    public override WebSocketCloseStatus? PeerStatus => webSocket.CloseStatus;

    public override string? PeerReason => webSocket.CloseStatusDescription;

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer) => webSocket.ReceiveAsync(buffer, CancellationToken.None);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> frames) => _output.WriteAsync(frames);

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) => _output.WriteAsync(CloseStatus.Frame(status, reason).Frame);

    public override async Task LingerAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LingerBuffer);
        try
        {
            while (!gate.HasSeenClose && await gate.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
                // The gate looks at what is read; nobody else does any more.
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Abort() => gate.Abort();

    public override void PongReceived() => _output.PongReceived();
}
