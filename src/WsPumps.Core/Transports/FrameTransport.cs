using System.Net.WebSockets;
using WsPumps.Framing;

namespace WsPumps.Transports;

/// <summary>Writes frames to the stream of a WebSocket of ours, or to the socket below it.</summary>
internal sealed class FrameTransport : Transport
{
    private readonly StreamWebSocket _socket;
    private readonly FrameMasker? _masker;
    private Output _output;

    public FrameTransport(StreamWebSocket socket)
    {
        socket.TakeOver();
        _socket = socket;
        _output = new Output(socket);
        _masker = socket.Options.IsServer ? null : new FrameMasker();
    }

    public override bool SendsPings => true;

    public override bool IsDirect => _output.IsDirect;

    public override bool WantsPing => _output.WantsPing;

    public override WebSocketCloseStatus? PeerStatus => _socket.CloseStatus;

    public override string? PeerReason => _socket.CloseStatusDescription;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> frames) => _output.WriteAsync(_masker?.Mask(frames.Span) ?? frames);

    public override ValueTask WriteCloseAsync(WebSocketCloseStatus status, string reason)
    {
        _socket.CloseLeaves();
        return WriteAsync(CloseStatus.Frame(status, reason).Frame);
    }

    public override void Abort() => _socket.Abort();

    public override void PongReceived() => _output.PongReceived();
}
