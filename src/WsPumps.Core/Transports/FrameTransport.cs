using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>Writes frames straight to the stream below the runtime's WebSocket, which only reads.</summary>
internal sealed class FrameTransport(WebSocket webSocket, FrameGate gate) : Transport
{
    private const int LingerBuffer = 4096;

    private readonly Output _output = new(gate.Wire, !gate.WritesFlush, gate.Socket);

    public override bool SendsPings => true;

    public override bool IsDirect => _output.IsDirect;

    /// <summary>The server's streams, which flush by themselves, do not block; of any other nothing is known.</summary>
    public override bool MayBlock => !gate.WritesFlush;

    public override int WriteProgress => _output.Progress;

    public override bool? IsLost => gate.Connection is { } socket ? IsDead(socket) : null;

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

    /// <summary>What the kernel knows; the server's own read, which may have told the runtime first, has taken the error away from there.</summary>
    private static bool IsDead(Socket socket)
    {
        try
        {
            return !socket.Connected || socket.Poll(0, SelectMode.SelectError);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
