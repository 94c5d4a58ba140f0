using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
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

    /// <summary>Several frames leave with one write; a single one is not even copied.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<PreparedMessage> batch) =>
        batch.Length == 1 ? _output.WriteAsync(batch.Span[0].Frame, batch.Span[0].Opcode) : WriteTogetherAsync(batch);

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason) => _output.WriteAsync(CloseStatus.Frame(status, reason).Frame, Opcode.Close);

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

    private ValueTask WriteTogetherAsync(ReadOnlyMemory<PreparedMessage> batch)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LengthOf(batch.Span));
        var write = _output.WriteAsync(buffer.AsMemory(0, Copy(batch.Span, buffer)), batch.Span[^1].Opcode);
        if (!write.IsCompletedSuccessfully)
            return ReturnAfterAsync(write, buffer);

        write.GetAwaiter().GetResult();
        ArrayPool<byte>.Shared.Return(buffer);
        return default;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReturnAfterAsync(ValueTask write, byte[] buffer)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int LengthOf(ReadOnlySpan<PreparedMessage> batch)
    {
        var length = 0;
        foreach (var message in batch)
            length += message.FrameLength;
        return length;
    }

    private static int Copy(ReadOnlySpan<PreparedMessage> batch, Span<byte> destination)
    {
        var length = 0;
        foreach (var message in batch)
        {
            message.Frame.Span.CopyTo(destination[length..]);
            length += message.FrameLength;
        }

        return length;
    }
}
